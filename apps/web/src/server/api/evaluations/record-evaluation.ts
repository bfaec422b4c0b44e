import { idSchema, textSchema } from '@saface/core';
import { z } from 'zod';
import { recordEvaluation } from '../../services/evaluations.ts';
import { withPermission } from '../trpc.ts';
import { idView } from '../views.ts';

export const recordEvaluationInput = z.object({
  versionId: idSchema,
  dataset: textSchema.trim().min(1).max(200),
  source: textSchema.trim().min(1).max(200),
  accuracy: z.number().min(0).max(1),
  low: z.number().min(0).max(1).nullable(),
  high: z.number().min(0).max(1).nullable(),
  tarAtFar1e2: z.number().min(0).max(1),
  eer: z.number().min(0).max(1).nullable(),
  genuine: z.number().int().nonnegative(),
  impostor: z.number().int().nonnegative(),
});

export const recordEvaluationProcedure = withPermission('version.deploy')
  .input(recordEvaluationInput)
  .output(idView)
  .mutation(({ ctx, input }) => recordEvaluation(ctx, input));
