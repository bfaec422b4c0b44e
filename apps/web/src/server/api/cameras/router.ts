import { createRouter } from '../trpc.ts';
import { createCameraProcedure } from './create-camera.ts';
import { deleteCameraProcedure } from './delete-camera.ts';
import { getCameraProcedure } from './get-camera.ts';
import { listCamerasProcedure } from './list-cameras.ts';
import { updateCameraProcedure } from './update-camera.ts';

export const camerasRouter = createRouter({
  list: listCamerasProcedure,
  get: getCameraProcedure,
  create: createCameraProcedure,
  update: updateCameraProcedure,
  delete: deleteCameraProcedure,
});
