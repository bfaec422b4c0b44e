import { respond } from '../../../server/http/respond.ts';
import { readiness } from '../../../server/services/readiness.ts';

export const dynamic = 'force-dynamic';

export const GET = (request: Request) =>
  respond(request, async (server) => {
    const state = await readiness(server);
    return Response.json(state, { status: state.ok ? 200 : 503 });
  });
