import { getScenario } from '../../services/scenarios.ts';
import { withPermission } from '../trpc.ts';
import { byId, scenarioView } from '../views.ts';

export const getScenarioProcedure = withPermission('site.read')
  .input(byId)
  .output(scenarioView)
  .query(({ ctx, input }) => getScenario(ctx, input));
