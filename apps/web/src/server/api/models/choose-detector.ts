import { idSchema } from '@saface/core';
import { z } from 'zod';
import { chooseDetector } from '../../services/detectors.ts';
import { withPermission } from '../trpc.ts';
import { idView, reasonInput } from '../views.ts';

export const chooseDetectorInput = z.object({ baseModelId: idSchema, detectorId: idSchema, reason: reasonInput });

export const chooseDetectorProcedure = withPermission('policy.write')
  .input(chooseDetectorInput)
  .output(idView)
  .mutation(({ ctx, input }) => chooseDetector(ctx, input));
