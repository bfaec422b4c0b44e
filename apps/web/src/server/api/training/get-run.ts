import { getRun } from '../../services/training.ts';
import { withPermission } from '../trpc.ts';
import { byId, runDetailView } from '../views.ts';

export const getRunProcedure = withPermission('site.read')
  .input(byId)
  .output(runDetailView)
  .query(({ ctx, input }) => getRun(ctx, input));
