import { textSchema } from '@saface/core';
import { z } from 'zod';
import { createGallery } from '../../services/galleries.ts';
import { withPermission } from '../trpc.ts';
import { idView, nameInput } from '../views.ts';

export const createGalleryInput = z.object({ name: nameInput, description: textSchema.max(500) });

export const createGalleryProcedure = withPermission('identity.write')
  .input(createGalleryInput)
  .output(idView)
  .mutation(({ ctx, input }) => createGallery(ctx, input));
