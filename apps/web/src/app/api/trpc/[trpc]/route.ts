import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { MOST_CALLS } from '../../../../lib/trpc/batch.ts';
import { appRouter } from '../../../../server/api/root.ts';
import { actorOf } from '../../../../server/auth/actor-of.ts';
import { container } from '../../../../server/container.ts';

const handler = (req: Request) =>
  fetchRequestHandler({
    endpoint: '/api/trpc',
    req,
    router: appRouter,
    maxBatchSize: MOST_CALLS,
    createContext: async () => {
      const server = await container();
      return { ...server, actor: await actorOf(server.auth, req.headers), authorization: null, address: '' };
    },
  });

export { handler as GET, handler as POST };
