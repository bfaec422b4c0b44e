import { describeError, type ErrorCode, SafaceError } from '@saface/core';
import { TRPCClientError } from '@trpc/client';
import { z } from 'zod';

const codeOfStatus = (status: number): ErrorCode => {
  switch (status) {
    case 400:
    case 422:
      return 'invalid-input';
    case 401:
      return 'unauthenticated';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 409:
      return 'conflict';
    case 413:
    case 507:
      return 'exhausted';
    default:
      return status >= 500 || status === 408 || status === 429 ? 'unavailable' : 'internal';
  }
};

const remedies: Partial<Record<ErrorCode, string>> = {
  unauthenticated:
    'Make a new one-time token in Fleet, delete the stored credential and start the agent with the token.',
  forbidden: 'Accept this agent in Fleet of the control plane.',
  unavailable: 'It is tried again; look at the log of the control plane if that goes on.',
};
const remedyOf = (code: ErrorCode) => remedies[code] ?? 'Look at the log of the control plane.';

/** fetch says "fetch failed" and tRPC repeats it; what really happened is at the bottom of the causes. */
function deepestReason(error: unknown): string {
  let reason = describeError(error);
  for (let depth = 0, at = error; at instanceof Error && depth < 5; depth++) {
    if (at.message !== '') reason = at.message;
    else if ('code' in at) reason = String(at.code); // an AggregateError of several addresses says nothing but its code
    at = at.cause;
  }
  return reason;
}

/** The control plane did not answer at all. */
export function unreachable(controlUrl: string, cause: unknown): SafaceError {
  return new SafaceError(
    'unavailable',
    `The control plane at ${controlUrl} cannot be reached (${deepestReason(cause)})`,
    'Check that it runs and that SAFACE_CONTROL_URL is right; it is tried again.',
    { cause },
  );
}

export function httpError(path: string, status: number, body: string): SafaceError {
  const code = codeOfStatus(status);
  const said = body.trim().startsWith('<') ? '' : ` (${body.trim().slice(0, 300)})`;
  return new SafaceError(code, `The control plane refused ${path} with status ${status}${said}`, remedyOf(code));
}

const errorDataSchema = z.object({ httpStatus: z.number(), remedy: z.string().optional() }).loose();

/** What tRPC threw, as a domain error; the server's own words and remedy are kept. */
export function rpcError(controlUrl: string, error: unknown): SafaceError {
  if (error instanceof SafaceError) return error;
  if (!(error instanceof TRPCClientError)) return unreachable(controlUrl, error);
  const data = errorDataSchema.safeParse(error.data);
  if (!data.success) return unreachable(controlUrl, error);
  const code = codeOfStatus(data.data.httpStatus);
  return new SafaceError(code, error.message, data.data.remedy ?? remedyOf(code), { cause: error });
}
