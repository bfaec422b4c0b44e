import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listRuns } from '../../services/training.ts';
import { withPermission } from '../trpc.ts';
import { pageInput, runStatuses, runView } from '../views.ts';

export const listRunsInput = pageInput.extend({
  scenarioId: idSchema.optional(),
  status: z.enum(runStatuses).optional(),
});
export const listRunsOutput = z.object({ items: z.array(runView), nextCursor: z.string().nullable() });

export const listRunsProcedure = withPermission('site.read')
  .input(listRunsInput)
  .output(listRunsOutput)
  .query(({ ctx, input }) => listRuns(ctx, input));
