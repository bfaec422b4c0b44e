import { createRouter } from '../trpc.ts';
import { getOverviewProcedure } from './get-overview.ts';

export const overviewRouter = createRouter({
  get: getOverviewProcedure,
});
