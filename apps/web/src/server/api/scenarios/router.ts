import { createRouter } from '../trpc.ts';
import { createScenarioProcedure } from './create-scenario.ts';
import { getScenarioProcedure } from './get-scenario.ts';
import { listBaseModelsProcedure } from './list-base-models.ts';
import { listScenariosProcedure } from './list-scenarios.ts';
import { updateScenarioProcedure } from './update-scenario.ts';

export const scenariosRouter = createRouter({
  list: listScenariosProcedure,
  get: getScenarioProcedure,
  create: createScenarioProcedure,
  update: updateScenarioProcedure,
  baseModels: listBaseModelsProcedure,
});
