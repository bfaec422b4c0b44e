import { idSchema } from '@saface/core';
import { z } from 'zod';
import { deleteImage } from '../../services/enrolment.ts';
import { withPermission } from '../trpc.ts';
import { idView } from '../views.ts';

export const deleteImageInput = z.object({ imageId: idSchema });

export const deleteImageProcedure = withPermission('identity.write')
  .input(deleteImageInput)
  .output(idView)
  .mutation(({ ctx, input }) => deleteImage(ctx, input));
