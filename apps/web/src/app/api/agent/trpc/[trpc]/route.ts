import { SafaceError } from '@saface/core';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { agentDoor } from '../../../../../server/agents/router.ts';
import { addressOf, respond } from '../../../../../server/http/respond.ts';

/** A full outbox batch with pictures stays well below this. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

export const POST = (req: Request) =>
  respond(req, async (server) => {
    if (!(Number(req.headers.get('content-length') ?? Number.NaN) <= MAX_BODY_BYTES))
      throw new SafaceError('invalid-input', 'The call is too large or does not say its length', 'Send fewer items.');
    return fetchRequestHandler({
      endpoint: '/api/agent/trpc',
      req,
      router: agentDoor,
      allowBatching: false,
      createContext: () => ({
        ...server,
        actor: null,
        authorization: req.headers.get('authorization'),
        address: addressOf(req),
      }),
    });
  });
