import { type AgentProcedure, agentBodyBytes, SafaceError } from '@saface/core';
import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { agentDoor } from '../../../../../server/agents/router.ts';
import { addressOf, respond } from '../../../../../server/http/respond.ts';

export const POST = (req: Request) =>
  respond(req, async (server) => {
    const procedure = new URL(req.url).pathname.split('.').at(-1) as AgentProcedure;
    const most = agentBodyBytes[procedure] ?? 0;
    if (!(Number(req.headers.get('content-length') ?? Number.NaN) <= most))
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
