import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listServedVersions } from '../../services/versions.ts';
import { withPermission } from '../trpc.ts';
import { servedView } from '../views.ts';

export const listServedVersionsInput = z.object({ scenarioId: idSchema });
export const listServedVersionsOutput = z.array(servedView);

export const listServedVersionsProcedure = withPermission('site.read')
  .input(listServedVersionsInput)
  .output(listServedVersionsOutput)
  .query(({ ctx, input }) => listServedVersions(ctx, input));
