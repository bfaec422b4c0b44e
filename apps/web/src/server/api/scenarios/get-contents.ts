import { getScenarioContents } from '../../services/scenario-deletion.ts';
import { withPermission } from '../trpc.ts';
import { byId, scenarioContentsView } from '../views.ts';

export const getScenarioContentsProcedure = withPermission('site.read')
  .input(byId)
  .output(scenarioContentsView)
  .query(({ ctx, input }) => getScenarioContents(ctx, input));
