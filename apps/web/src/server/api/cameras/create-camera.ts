import { idSchema } from '@saface/core';
import { createCamera } from '../../services/cameras.ts';
import { withPermission } from '../trpc.ts';
import { idView } from '../views.ts';
import { cameraSettings } from './camera-settings.ts';

export const createCameraInput = cameraSettings.extend({ siteId: idSchema });

export const createCameraProcedure = withPermission('camera.write')
  .input(createCameraInput)
  .output(idView)
  .mutation(({ ctx, input }) => createCamera(ctx, input));
