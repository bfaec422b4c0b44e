import { getScenario } from '../../services/scenarios.ts';
import { withPermission } from '../trpc.ts';
import { byId, scenarioDetailView } from '../views.ts';

export const getScenarioProcedure = withPermission('site.read')
  .input(byId)
  .output(scenarioDetailView)
  .query(({ ctx, input }) => getScenario(ctx, input));
