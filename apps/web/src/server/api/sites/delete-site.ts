import { deleteSite } from '../../services/sites.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const deleteSiteProcedure = withPermission('fleet.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => deleteSite(ctx, input));
