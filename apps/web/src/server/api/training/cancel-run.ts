import { idSchema } from '@saface/core';
import { z } from 'zod';
import { cancelRun } from '../../services/training.ts';
import { withPermission } from '../trpc.ts';

export const cancelRunInput = z.object({ runId: idSchema });
export const cancelRunOutput = z.object({ commandId: z.string() });

export const cancelRunProcedure = withPermission('training.control')
  .input(cancelRunInput)
  .output(cancelRunOutput)
  .mutation(({ ctx, input }) => cancelRun(ctx, input));
