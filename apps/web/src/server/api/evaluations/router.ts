import { createRouter } from '../trpc.ts';
import { listEvaluationsProcedure } from './list-evaluations.ts';
import { recordEvaluationProcedure } from './record-evaluation.ts';

export const evaluationsRouter = createRouter({
  list: listEvaluationsProcedure,
  record: recordEvaluationProcedure,
});
