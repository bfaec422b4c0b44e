import { createRouter } from '../trpc.ts';
import { createUserProcedure } from './create-user.ts';
import { disableUserProcedure } from './disable-user.ts';
import { getMeProcedure } from './get-me.ts';
import { listUsersProcedure } from './list-users.ts';
import { setPasswordProcedure } from './set-password.ts';
import { setRoleProcedure } from './set-role.ts';

export const usersRouter = createRouter({
  me: getMeProcedure,
  list: listUsersProcedure,
  create: createUserProcedure,
  setRole: setRoleProcedure,
  setPassword: setPasswordProcedure,
  disable: disableUserProcedure,
});
