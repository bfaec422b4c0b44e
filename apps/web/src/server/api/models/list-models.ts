import { z } from 'zod';
import { listBaseModels } from '../../services/base-models.ts';
import { withPermission } from '../trpc.ts';
import { baseModelView, noInput } from '../views.ts';

export const listModelsOutput = z.array(baseModelView);

export const listModelsProcedure = withPermission('site.read')
  .input(noInput)
  .output(listModelsOutput)
  .query(({ ctx }) => listBaseModels(ctx));
