import { getCamera } from '../../services/cameras.ts';
import { withPermission } from '../trpc.ts';
import { byId, cameraView } from '../views.ts';

export const getCameraProcedure = withPermission('site.read')
  .input(byId)
  .output(cameraView)
  .query(({ ctx, input }) => getCamera(ctx, input));
