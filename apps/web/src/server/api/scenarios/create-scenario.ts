import { idSchema } from '@saface/core';
import { createScenario } from '../../services/scenarios.ts';
import { withPermission } from '../trpc.ts';
import { idView, nameInput, scenarioPolicies } from '../views.ts';

export const createScenarioInput = scenarioPolicies.extend({
  siteId: idSchema,
  name: nameInput,
  baseModelId: idSchema,
});

export const createScenarioProcedure = withPermission('policy.write')
  .input(createScenarioInput)
  .output(idView)
  .mutation(({ ctx, input }) => createScenario(ctx, input));
