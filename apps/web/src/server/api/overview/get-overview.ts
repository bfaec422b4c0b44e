import { getOverview } from '../../services/overview.ts';
import { withPermission } from '../trpc.ts';
import { noInput, overviewView } from '../views.ts';

export const getOverviewProcedure = withPermission('site.read')
  .input(noInput)
  .output(overviewView)
  .query(({ ctx }) => getOverview(ctx));
