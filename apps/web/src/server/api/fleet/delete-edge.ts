import { deleteEdge } from '../../services/edge-deletion.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const deleteEdgeProcedure = withPermission('fleet.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => deleteEdge(ctx, input));
