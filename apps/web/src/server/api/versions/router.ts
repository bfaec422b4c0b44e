import { createRouter } from '../trpc.ts';
import { compareVersionsProcedure } from './compare-versions.ts';
import { getComparisonsProcedure } from './get-comparisons.ts';
import { getDistancesProcedure } from './get-distances.ts';
import { listServedVersionsProcedure } from './list-served-versions.ts';
import { listVersionsProcedure } from './list-versions.ts';
import { promoteVersionProcedure } from './promote-version.ts';
import { retireVersionProcedure } from './retire-version.ts';
import { rollbackVersionProcedure } from './rollback-version.ts';

export const versionsRouter = createRouter({
  list: listVersionsProcedure,
  compare: compareVersionsProcedure,
  promote: promoteVersionProcedure,
  retire: retireVersionProcedure,
  rollback: rollbackVersionProcedure,
  live: getComparisonsProcedure,
  distances: getDistancesProcedure,
  served: listServedVersionsProcedure,
});
