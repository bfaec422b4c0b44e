import { deleteGallery } from '../../services/galleries.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const deleteGalleryProcedure = withPermission('identity.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => deleteGallery(ctx, input));
