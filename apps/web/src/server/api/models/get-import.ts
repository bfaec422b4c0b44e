import { getImport } from '../../services/model-imports.ts';
import { withPermission } from '../trpc.ts';
import { byId, importView } from '../views.ts';

export const getImportProcedure = withPermission('site.read')
  .input(byId)
  .output(importView)
  .query(({ ctx, input }) => getImport(ctx, input));
