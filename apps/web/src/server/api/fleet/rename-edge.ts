import { renameEdge } from '../../services/fleet.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView, nameInput } from '../views.ts';

export const renameEdgeInput = byId.extend({ name: nameInput });

export const renameEdgeProcedure = withPermission('fleet.write')
  .input(renameEdgeInput)
  .output(idView)
  .mutation(({ ctx, input }) => renameEdge(ctx, input));
