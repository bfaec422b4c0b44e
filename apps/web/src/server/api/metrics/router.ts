import { createRouter } from '../trpc.ts';
import { getSeriesProcedure } from './get-series.ts';

export const metricsRouter = createRouter({
  series: getSeriesProcedure,
});
