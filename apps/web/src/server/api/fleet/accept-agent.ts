import { acceptAgent } from '../../services/fleet.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const acceptAgentProcedure = withPermission('fleet.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => acceptAgent(ctx, input));
