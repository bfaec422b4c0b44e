import { deleteCamera } from '../../services/cameras.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const deleteCameraProcedure = withPermission('camera.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => deleteCamera(ctx, input));
