import { renameScenario } from '../../services/scenarios.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView, nameInput } from '../views.ts';

export const renameScenarioInput = byId.extend({ name: nameInput });

export const renameScenarioProcedure = withPermission('policy.write')
  .input(renameScenarioInput)
  .output(idView)
  .mutation(({ ctx, input }) => renameScenario(ctx, input));
