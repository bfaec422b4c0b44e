import { retentionPolicySchema } from '../../../lib/retention.ts';
import { updateRetention } from '../../services/retention-policy.ts';
import { withPermission } from '../trpc.ts';

export const updateRetentionInput = retentionPolicySchema.required();

export const updateRetentionProcedure = withPermission('retention.write')
  .input(updateRetentionInput)
  .output(retentionPolicySchema)
  .mutation(({ ctx, input }) => updateRetention(ctx, input));
