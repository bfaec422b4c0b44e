import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listLiveCameras } from '../../services/live-cameras.ts';
import { withPermission } from '../trpc.ts';
import { liveCameraView } from '../views.ts';

export const listLiveCamerasInput = z.object({ siteId: idSchema.optional() });
export const listLiveCamerasOutput = z.array(liveCameraView);

export const listLiveCamerasProcedure = withPermission('site.read')
  .input(listLiveCamerasInput)
  .output(listLiveCamerasOutput)
  .query(({ ctx, input }) => listLiveCameras(ctx, input));
