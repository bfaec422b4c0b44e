import { idSchema, roles } from '@saface/core';
import { z } from 'zod';
import { setRole } from '../../services/users.ts';
import { withPermission } from '../trpc.ts';
import { idView } from '../views.ts';

export const setRoleInput = z.object({ id: idSchema, role: z.enum(roles) });

export const setRoleProcedure = withPermission('user.write')
  .input(setRoleInput)
  .output(idView)
  .mutation(({ ctx, input }) => setRole(ctx, input));
