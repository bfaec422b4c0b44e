import { disableUser } from '../../services/users.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const disableUserProcedure = withPermission('user.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => disableUser(ctx, input));
