import { authenticateAgent } from '../../../../../server/agents/authenticate.ts';
import { readBody } from '../../../../../server/http/read-body.ts';
import { respond } from '../../../../../server/http/respond.ts';
import { MAX_FRAME_BYTES, relayFrame } from '../../../../../server/live/relay.ts';

export const POST = (request: Request, { params }: { params: Promise<{ cameraId: string }> }) =>
  respond(request, async (server) => {
    const agent = await authenticateAgent(server, request.headers.get('authorization'));
    const body = await readBody(request, MAX_FRAME_BYTES);
    await relayFrame(server, agent, { cameraId: (await params).cameraId, body });
    return new Response(null, { status: 204 });
  });
