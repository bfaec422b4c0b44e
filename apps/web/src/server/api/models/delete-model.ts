import { deleteBaseModel } from '../../services/base-models.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const deleteModelProcedure = withPermission('policy.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => deleteBaseModel(ctx, input));
