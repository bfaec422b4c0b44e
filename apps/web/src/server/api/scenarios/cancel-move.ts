import { cancelMove } from '../../services/base-model-moves.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const cancelMoveProcedure = withPermission('policy.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => cancelMove(ctx, input));
