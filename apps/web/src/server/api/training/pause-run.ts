import { idSchema } from '@saface/core';
import { z } from 'zod';
import { pauseRun } from '../../services/training.ts';
import { withPermission } from '../trpc.ts';

export const pauseRunInput = z.object({ runId: idSchema });
export const pauseRunOutput = z.object({ commandId: z.string() });

export const pauseRunProcedure = withPermission('training.control')
  .input(pauseRunInput)
  .output(pauseRunOutput)
  .mutation(({ ctx, input }) => pauseRun(ctx, input));
