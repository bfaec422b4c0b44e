import { z } from 'zod';
import { listPolicies } from '../../services/scheduling.ts';
import { withPermission } from '../trpc.ts';
import { edgePolicyView, noInput } from '../views.ts';

export const listPoliciesOutput = z.array(edgePolicyView);

export const listPoliciesProcedure = withPermission('site.read')
  .input(noInput)
  .output(listPoliciesOutput)
  .query(({ ctx }) => listPolicies(ctx));
