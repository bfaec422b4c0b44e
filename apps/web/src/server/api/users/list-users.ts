import { roles } from '@saface/core';
import { z } from 'zod';
import { listUsers } from '../../services/users.ts';
import { withPermission } from '../trpc.ts';
import { noInput } from '../views.ts';

export const listUsersOutput = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    email: z.string(),
    role: z.enum(roles),
    createdAt: z.number(),
    lastSeenAt: z.number().nullable(),
    disabled: z.boolean(),
  }),
);

export const listUsersProcedure = withPermission('user.write')
  .input(noInput)
  .output(listUsersOutput)
  .query(({ ctx }) => listUsers(ctx));
