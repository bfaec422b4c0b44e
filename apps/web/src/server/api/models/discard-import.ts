import { discardImport } from '../../services/model-imports.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView } from '../views.ts';

export const discardImportProcedure = withPermission('policy.write')
  .input(byId)
  .output(idView)
  .mutation(({ ctx, input }) => discardImport(ctx, input));
