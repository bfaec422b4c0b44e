import { idSchema } from '@saface/core';
import { updateCamera } from '../../services/cameras.ts';
import { withPermission } from '../trpc.ts';
import { idView } from '../views.ts';
import { cameraSettings } from './camera-settings.ts';

export const updateCameraInput = cameraSettings.extend({ id: idSchema });

export const updateCameraProcedure = withPermission('camera.write')
  .input(updateCameraInput)
  .output(idView)
  .mutation(({ ctx, input }) => updateCamera(ctx, input));
