import { confirmDetector } from '../../services/model-imports.ts';
import { withPermission } from '../trpc.ts';
import { idView } from '../views.ts';
import { confirmImportInput } from './confirm-import.ts';

export const confirmDetectorInput = confirmImportInput.pick({ id: true, name: true, licence: true, source: true });

export const confirmDetectorProcedure = withPermission('policy.write')
  .input(confirmDetectorInput)
  .output(idView)
  .mutation(({ ctx, input }) => confirmDetector(ctx, input));
