import { revokeToken } from '../../services/tokens.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const revokeTokenProcedure = withPermission('fleet.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => revokeToken(ctx, input));
