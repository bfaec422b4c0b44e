import { idSchema } from '@saface/core';
import { z } from 'zod';
import { resumeRun } from '../../services/training.ts';
import { withPermission } from '../trpc.ts';

export const resumeRunInput = z.object({ runId: idSchema });
export const resumeRunOutput = z.object({ commandId: z.string() });

export const resumeRunProcedure = withPermission('training.control')
  .input(resumeRunInput)
  .output(resumeRunOutput)
  .mutation(({ ctx, input }) => resumeRun(ctx, input));
