import { z } from 'zod';
import { eraseIdentity } from '../../services/erasure.ts';
import { withPermission } from '../trpc.ts';
import { byId, reasonInput, receiptView } from '../views.ts';

export const eraseIdentityInput = byId.extend({
  reason: reasonInput,
  /** Also takes the versions that learnt from this person out of service. */
  retireVersions: z.boolean().default(false),
});

export const eraseIdentityProcedure = withPermission('identity.write')
  .input(eraseIdentityInput)
  .output(receiptView)
  .mutation(({ ctx, input }) => eraseIdentity(ctx, input));
