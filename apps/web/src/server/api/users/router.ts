import { createRouter } from '../trpc.ts';
import { createUserProcedure } from './create-user.ts';
import { getMeProcedure } from './get-me.ts';
import { listUsersProcedure } from './list-users.ts';
import { setRoleProcedure } from './set-role.ts';

export const usersRouter = createRouter({
  me: getMeProcedure,
  list: listUsersProcedure,
  create: createUserProcedure,
  setRole: setRoleProcedure,
});
