import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listCameras } from '../../services/cameras.ts';
import { withPermission } from '../trpc.ts';
import { cameraView } from '../views.ts';

export const listCamerasInput = z.object({ siteId: idSchema.optional() });
export const listCamerasOutput = z.array(cameraView);

export const listCamerasProcedure = withPermission('site.read')
  .input(listCamerasInput)
  .output(listCamerasOutput)
  .query(({ ctx, input }) => listCameras(ctx, input));
