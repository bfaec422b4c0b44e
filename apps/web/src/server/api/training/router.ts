import { createRouter } from '../trpc.ts';
import { cancelRunProcedure } from './cancel-run.ts';
import { getRunProcedure } from './get-run.ts';
import { listRunsProcedure } from './list-runs.ts';
import { pauseRunProcedure } from './pause-run.ts';
import { resumeRunProcedure } from './resume-run.ts';
import { trainNowProcedure } from './train-now.ts';

export const trainingRouter = createRouter({
  list: listRunsProcedure,
  get: getRunProcedure,
  now: trainNowProcedure,
  pause: pauseRunProcedure,
  resume: resumeRunProcedure,
  cancel: cancelRunProcedure,
});
