import { cancelPretraining } from '../../services/pretrainings.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const cancelPretrainingProcedure = withPermission('policy.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => cancelPretraining(ctx, input));
