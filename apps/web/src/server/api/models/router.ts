import { createRouter } from '../trpc.ts';
import { chooseDetectorProcedure } from './choose-detector.ts';
import { confirmDetectorProcedure } from './confirm-detector.ts';
import { confirmImportProcedure } from './confirm-import.ts';
import { deleteModelProcedure } from './delete-model.ts';
import { discardImportProcedure } from './discard-import.ts';
import { getImportProcedure } from './get-import.ts';
import { listDetectorsProcedure } from './list-detectors.ts';
import { listImportsProcedure } from './list-imports.ts';
import { listModelsProcedure } from './list-models.ts';
import { renameModelProcedure } from './rename-model.ts';

export const modelsRouter = createRouter({
  list: listModelsProcedure,
  rename: renameModelProcedure,
  delete: deleteModelProcedure,
  imports: listImportsProcedure,
  import: getImportProcedure,
  confirmImport: confirmImportProcedure,
  discardImport: discardImportProcedure,
  detectors: listDetectorsProcedure,
  confirmDetector: confirmDetectorProcedure,
  chooseDetector: chooseDetectorProcedure,
});
