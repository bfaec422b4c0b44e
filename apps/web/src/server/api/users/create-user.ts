import { roles } from '@saface/core';
import { z } from 'zod';
import { createUser } from '../../services/users.ts';
import { withPermission } from '../trpc.ts';
import { idView, nameInput } from '../views.ts';

export const passwordInput = z.string().min(12, 'a password has at least 12 characters').max(128);

export const createUserInput = z.object({
  name: nameInput,
  email: z.email('an e-mail address is needed').max(200),
  password: passwordInput,
  role: z.enum(roles),
});

export const createUserProcedure = withPermission('user.write')
  .input(createUserInput)
  .output(idView)
  .mutation(({ ctx, input }) => createUser(ctx, input));
