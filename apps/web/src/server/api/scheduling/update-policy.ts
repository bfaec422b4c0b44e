import { idSchema, schedulingPolicySchema } from '@saface/core';
import { z } from 'zod';
import { updatePolicy } from '../../services/scheduling.ts';
import { withPermission } from '../trpc.ts';

export const updatePolicyInput = z.object({ edgeId: idSchema, policy: schedulingPolicySchema });
export const updatePolicyOutput = z.object({ edgeId: z.string() });

export const updatePolicyProcedure = withPermission('policy.write')
  .input(updatePolicyInput)
  .output(updatePolicyOutput)
  .mutation(({ ctx, input }) => updatePolicy(ctx, input));
