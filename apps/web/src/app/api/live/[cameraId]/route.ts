import { actorOf } from '../../../../server/auth/actor-of.ts';
import { respond, signedIn } from '../../../../server/http/respond.ts';
import { liveStream } from '../../../../server/live/stream.ts';
import { getCamera } from '../../../../server/services/cameras.ts';

export const dynamic = 'force-dynamic';

export const GET = (request: Request, { params }: { params: Promise<{ cameraId: string }> }) =>
  respond(request, async (server) => {
    const ctx = await signedIn(server, request, 'site.read');
    const { id } = await getCamera(ctx, { id: (await params).cameraId });
    const allowed = async () => (await actorOf(server.auth, request.headers)) !== null;
    return new Response(liveStream(server, id, { signal: request.signal, allowed }), {
      headers: {
        'content-type': 'application/octet-stream',
        'cache-control': 'no-store, no-transform',
        'x-accel-buffering': 'no',
      },
    });
  });
