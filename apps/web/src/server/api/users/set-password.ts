import { idSchema } from '@saface/core';
import { z } from 'zod';
import { setPassword } from '../../services/users.ts';
import { withPermission } from '../trpc.ts';
import { idView } from '../views.ts';
import { passwordInput } from './create-user.ts';

export const setPasswordInput = z.object({ id: idSchema, password: passwordInput });

export const setPasswordProcedure = withPermission('user.write')
  .input(setPasswordInput)
  .output(idView)
  .mutation(({ ctx, input }) => setPassword(ctx, input));
