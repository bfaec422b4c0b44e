import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listScenarios } from '../../services/scenarios.ts';
import { withPermission } from '../trpc.ts';
import { scenarioView } from '../views.ts';

export const listScenariosInput = z.object({ siteId: idSchema.optional() });
export const listScenariosOutput = z.array(scenarioView);

export const listScenariosProcedure = withPermission('site.read')
  .input(listScenariosInput)
  .output(listScenariosOutput)
  .query(({ ctx, input }) => listScenarios(ctx, input));
