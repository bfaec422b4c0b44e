import { createRouter } from '../trpc.ts';
import { cancelPretrainingProcedure } from './cancel-pretraining.ts';
import { getPretrainingProcedure } from './get-pretraining.ts';
import { listPretrainingsProcedure } from './list-pretrainings.ts';
import { startPretrainingProcedure } from './start-pretraining.ts';

export const pretrainingRouter = createRouter({
  list: listPretrainingsProcedure,
  get: getPretrainingProcedure,
  start: startPretrainingProcedure,
  cancel: cancelPretrainingProcedure,
});
