import { revokeAgent } from '../../services/fleet.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView, reasonInput } from '../views.ts';

export const revokeAgentInput = byId.extend({ reason: reasonInput });

export const revokeAgentProcedure = withPermission('fleet.write')
  .input(revokeAgentInput)
  .output(idView)
  .mutation(({ ctx, input }) => revokeAgent(ctx, input));
