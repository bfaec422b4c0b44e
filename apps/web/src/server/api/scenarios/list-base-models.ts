import { z } from 'zod';
import { listBaseModels } from '../../services/scenarios.ts';
import { withPermission } from '../trpc.ts';
import { noInput, refView } from '../views.ts';

export const listBaseModelsOutput = z.array(
  refView.extend({
    dimension: z.number(),
    metric: z.enum(['euclidean', 'cosine']),
    defaultThreshold: z.number(),
    defaultCut: z.string(),
    createdAt: z.number(),
  }),
);

export const listBaseModelsProcedure = withPermission('site.read')
  .input(noInput)
  .output(listBaseModelsOutput)
  .query(({ ctx }) => listBaseModels(ctx));
