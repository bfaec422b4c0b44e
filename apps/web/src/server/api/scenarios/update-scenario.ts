import { idSchema } from '@saface/core';
import { updateScenario } from '../../services/scenarios.ts';
import { withPermission } from '../trpc.ts';
import { idView, scenarioPolicies } from '../views.ts';

export const updateScenarioInput = scenarioPolicies.extend({ id: idSchema, baseModelId: idSchema });

export const updateScenarioProcedure = withPermission('policy.write')
  .input(updateScenarioInput)
  .output(idView)
  .mutation(({ ctx, input }) => updateScenario(ctx, input));
