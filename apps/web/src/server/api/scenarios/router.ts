import { createRouter } from '../trpc.ts';
import { cancelMoveProcedure } from './cancel-move.ts';
import { createScenarioProcedure } from './create-scenario.ts';
import { deleteScenarioProcedure } from './delete-scenario.ts';
import { getScenarioContentsProcedure } from './get-contents.ts';
import { getScenarioProcedure } from './get-scenario.ts';
import { listScenariosProcedure } from './list-scenarios.ts';
import { moveScenarioProcedure } from './move-scenario.ts';
import { renameScenarioProcedure } from './rename-scenario.ts';
import { updateScenarioProcedure } from './update-scenario.ts';

export const scenariosRouter = createRouter({
  list: listScenariosProcedure,
  get: getScenarioProcedure,
  create: createScenarioProcedure,
  update: updateScenarioProcedure,
  rename: renameScenarioProcedure,
  contents: getScenarioContentsProcedure,
  delete: deleteScenarioProcedure,
  move: moveScenarioProcedure,
  cancelMove: cancelMoveProcedure,
});
