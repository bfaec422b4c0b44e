import { createRouter } from '../trpc.ts';
import { cancelMoveProcedure } from './cancel-move.ts';
import { createScenarioProcedure } from './create-scenario.ts';
import { getScenarioProcedure } from './get-scenario.ts';
import { listScenariosProcedure } from './list-scenarios.ts';
import { moveScenarioProcedure } from './move-scenario.ts';
import { updateScenarioProcedure } from './update-scenario.ts';

export const scenariosRouter = createRouter({
  list: listScenariosProcedure,
  get: getScenarioProcedure,
  create: createScenarioProcedure,
  update: updateScenarioProcedure,
  move: moveScenarioProcedure,
  cancelMove: cancelMoveProcedure,
});
