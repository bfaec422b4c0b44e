import { createRouter } from '../trpc.ts';
import { listLiveCamerasProcedure } from './list-live-cameras.ts';

export const liveRouter = createRouter({
  cameras: listLiveCamerasProcedure,
});
