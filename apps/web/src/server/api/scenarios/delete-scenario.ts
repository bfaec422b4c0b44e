import { deleteScenario } from '../../services/scenario-deletion.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const deleteScenarioProcedure = withPermission('policy.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => deleteScenario(ctx, input));
