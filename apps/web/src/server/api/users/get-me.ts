import { roles } from '@saface/core';
import { z } from 'zod';
import { getMe } from '../../services/users.ts';
import { withPermission } from '../trpc.ts';
import { noInput } from '../views.ts';
import { permissionNames } from './permission-names.ts';

export const getMeOutput = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.enum(roles),
  permissions: z.array(z.enum(permissionNames)),
});

export const getMeProcedure = withPermission('site.read')
  .input(noInput)
  .output(getMeOutput)
  .query(({ ctx }) => getMe(ctx));
