import { respond } from '../../../server/http/respond.ts';
import { collectMetrics } from '../../../server/services/prometheus.ts';

export const dynamic = 'force-dynamic';

export const GET = (request: Request) =>
  respond(request, async (server) => {
    const { contentType, text } = await collectMetrics(server);
    return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } });
  });
