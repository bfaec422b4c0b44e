import { type ErrorCode, type Permission, SafaceError } from '@saface/core';
import { initTRPC, TRPCError } from '@trpc/server';
import type { TRPC_ERROR_CODE_KEY } from '@trpc/server/rpc';
import { ZodError } from 'zod';
import type { Deps } from '../deps.ts';
import { toDomainError } from '../errors.ts';
import { type Actor, requirePermission } from '../services/actor.ts';

export interface ApiContext extends Deps {
  /** Null when nobody is signed in. */
  readonly actor: Actor | null;
  /** The request's own `Authorization` header, for the agents' door; null at the browser's. */
  readonly authorization: string | null;
  /** Where the request came from, for rate limits. */
  readonly address: string;
}

interface Meta {
  /** What a role must hold to call the procedure; the permission test reads it. */
  readonly permission: Permission;
}

const trpcCodes: Record<ErrorCode, TRPC_ERROR_CODE_KEY> = {
  'invalid-input': 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  conflict: 'CONFLICT',
  integrity: 'UNPROCESSABLE_CONTENT',
  unsupported: 'UNPROCESSABLE_CONTENT',
  unavailable: 'SERVICE_UNAVAILABLE',
  exhausted: 'TOO_MANY_REQUESTS',
  internal: 'INTERNAL_SERVER_ERROR',
};

/** Field messages by dotted path, for forms. */
function fieldsOf(error: ZodError): Record<string, string[]> {
  const fields: Record<string, string[]> = {};
  for (const issue of error.issues) {
    const path = issue.path.join('.');
    fields[path] = [...(fields[path] ?? []), issue.message];
  }
  return fields;
}

const t = initTRPC
  .context<ApiContext>()
  .meta<Meta>()
  .create({
    errorFormatter({ shape, error }) {
      const { cause } = error;
      const zodError = cause instanceof ZodError ? cause : null;
      const domain = cause instanceof SafaceError ? cause : null;
      return {
        ...shape,
        message: zodError ? zodError.issues.map((issue) => issue.message).join('; ') : shape.message,
        data: {
          code: shape.data.code,
          httpStatus: shape.data.httpStatus,
          path: shape.data.path,
          errorCode: domain?.code ?? (zodError ? ('invalid-input' as const) : null),
          ...(domain?.remedy ? { remedy: domain.remedy } : {}),
          fields: zodError ? fieldsOf(zodError) : null,
        },
      };
    },
  });

/** Domain errors become tRPC codes; anything else is logged under a reference and its text stays inside. */
const guarded = t.procedure.use(async ({ next, ctx, path }) => {
  const result = await next();
  if (result.ok) return result;
  const { error } = result;
  if (error.code !== 'INTERNAL_SERVER_ERROR') return result;
  const domain = toDomainError(error.cause ?? error, { log: ctx.log, where: path });
  throw new TRPCError({ code: trpcCodes[domain.code], message: domain.message, cause: domain });
});

/** No session needed: the agents' own door, which checks a bearer credential instead. */
export const openProcedure = guarded;

/** A signed-in person whose role holds `permission`. The session is checked here, not only in the proxy. */
export const withPermission = (permission: Permission) =>
  guarded.meta({ permission }).use(({ next, ctx }) => {
    const { actor } = ctx;
    if (!actor) throw new SafaceError('unauthenticated', 'You are not signed in', 'Sign in and try again.');
    requirePermission(actor, permission);
    return next({ ctx: { ...ctx, actor } });
  });

export const createRouter = t.router;
export const createCallerFactory = t.createCallerFactory;
