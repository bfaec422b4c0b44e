import { getIdentity } from '../../services/identities.ts';
import { withPermission } from '../trpc.ts';
import { byId, identityView } from '../views.ts';

export const getIdentityProcedure = withPermission('site.read')
  .input(byId)
  .output(identityView)
  .query(({ ctx, input }) => getIdentity(ctx, input));
