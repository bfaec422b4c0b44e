import { createRouter } from '../trpc.ts';
import { createGalleryProcedure } from './create-gallery.ts';
import { deleteGalleryProcedure } from './delete-gallery.ts';
import { listGalleriesProcedure } from './list-galleries.ts';
import { updateGalleryProcedure } from './update-gallery.ts';

export const galleriesRouter = createRouter({
  list: listGalleriesProcedure,
  create: createGalleryProcedure,
  update: updateGalleryProcedure,
  delete: deleteGalleryProcedure,
});
