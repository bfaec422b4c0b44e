import { renameBaseModel } from '../../services/base-models.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView, nameInput } from '../views.ts';

export const renameModelInput = byId.extend({ name: nameInput });

export const renameModelProcedure = withPermission('policy.write')
  .input(renameModelInput)
  .output(idView)
  .mutation(({ ctx, input }) => renameBaseModel(ctx, input));
