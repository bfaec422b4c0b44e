import { textSchema } from '@saface/core';
import { updateGallery } from '../../services/galleries.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView, nameInput } from '../views.ts';

export const updateGalleryInput = byId.extend({ name: nameInput, description: textSchema.max(500) });

export const updateGalleryProcedure = withPermission('identity.write')
  .input(updateGalleryInput)
  .output(idView)
  .mutation(({ ctx, input }) => updateGallery(ctx, input));
