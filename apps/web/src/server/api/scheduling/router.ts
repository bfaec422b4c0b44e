import { createRouter } from '../trpc.ts';
import { getPolicyProcedure } from './get-policy.ts';
import { listPoliciesProcedure } from './list-policies.ts';
import { replayPolicyProcedure } from './replay-policy.ts';
import { updatePolicyProcedure } from './update-policy.ts';

export const schedulingRouter = createRouter({
  list: listPoliciesProcedure,
  get: getPolicyProcedure,
  update: updatePolicyProcedure,
  whatIf: replayPolicyProcedure,
});
