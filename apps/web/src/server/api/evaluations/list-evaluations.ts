import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listEvaluations } from '../../services/evaluations.ts';
import { withPermission } from '../trpc.ts';
import { evaluationView } from '../views.ts';

export const listEvaluationsInput = z.object({ scenarioId: idSchema.optional(), versionId: idSchema.optional() });
export const listEvaluationsOutput = z.array(evaluationView);

export const listEvaluationsProcedure = withPermission('site.read')
  .input(listEvaluationsInput)
  .output(listEvaluationsOutput)
  .query(({ ctx, input }) => listEvaluations(ctx, input));
