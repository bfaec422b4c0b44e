import { createRouter } from '../trpc.ts';
import { compareVersionsProcedure } from './compare-versions.ts';
import { listServedVersionsProcedure } from './list-served-versions.ts';
import { listVersionsProcedure } from './list-versions.ts';
import { promoteVersionProcedure } from './promote-version.ts';
import { rollbackVersionProcedure } from './rollback-version.ts';

export const versionsRouter = createRouter({
  list: listVersionsProcedure,
  compare: compareVersionsProcedure,
  promote: promoteVersionProcedure,
  rollback: rollbackVersionProcedure,
  served: listServedVersionsProcedure,
});
