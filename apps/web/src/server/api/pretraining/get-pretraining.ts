import { getPretraining } from '../../services/pretrainings.ts';
import { withPermission } from '../trpc.ts';
import { byId, pretrainingDetailView } from '../views.ts';

export const getPretrainingProcedure = withPermission('site.read')
  .input(byId)
  .output(pretrainingDetailView)
  .query(({ ctx, input }) => getPretraining(ctx, input));
