import { respond } from '../../../server/http/respond.ts';
import { collectMetrics, requireScraper } from '../../../server/services/prometheus.ts';

export const dynamic = 'force-dynamic';

export const GET = (request: Request) =>
  respond(request, async (server) => {
    requireScraper(request.headers.get('authorization'), server.env.SAFACE_METRICS_TOKEN);
    const { contentType, text } = await collectMetrics(server);
    return new Response(text, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } });
  });
