import { idSchema } from '@saface/core';
import { createScenario } from '../../services/scenarios.ts';
import { withPermission } from '../trpc.ts';
import { idView, scenarioSettings } from '../views.ts';

export const createScenarioInput = scenarioSettings.extend({ siteId: idSchema, baseModelId: idSchema });

export const createScenarioProcedure = withPermission('policy.write')
  .input(createScenarioInput)
  .output(idView)
  .mutation(({ ctx, input }) => createScenario(ctx, input));
