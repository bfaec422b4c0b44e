import { idSchema } from '@saface/core';
import { z } from 'zod';
import { getPolicy } from '../../services/scheduling.ts';
import { withPermission } from '../trpc.ts';
import { edgePolicyView } from '../views.ts';

export const getPolicyInput = z.object({ edgeId: idSchema });

export const getPolicyProcedure = withPermission('site.read')
  .input(getPolicyInput)
  .output(edgePolicyView)
  .query(({ ctx, input }) => getPolicy(ctx, input));
