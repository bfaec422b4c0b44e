import { idSchema } from '@saface/core';
import { z } from 'zod';
import { trainNow } from '../../services/training.ts';
import { withPermission } from '../trpc.ts';

export const trainNowInput = z.object({ scenarioId: idSchema });
export const trainNowOutput = z.object({ commands: z.number() });

export const trainNowProcedure = withPermission('training.control')
  .input(trainNowInput)
  .output(trainNowOutput)
  .mutation(({ ctx, input }) => trainNow(ctx, input));
