import { MAX_UPLOAD_BYTES, readArtifactFor, storeArtifactOf } from '../../../../../server/agents/artifacts.ts';
import { authenticateAgent } from '../../../../../server/agents/authenticate.ts';
import { readBody } from '../../../../../server/http/read-body.ts';
import { respond } from '../../../../../server/http/respond.ts';

interface Context {
  params: Promise<{ sha256: string }>;
}

export const GET = (request: Request, { params }: Context) =>
  respond(request, async (server) => {
    const agent = await authenticateAgent(server, request.headers.get('authorization'));
    const bytes = await readArtifactFor(server, agent, (await params).sha256);
    return new Response(new Uint8Array(bytes), { headers: { 'content-type': 'application/octet-stream' } });
  });

export const PUT = (request: Request, { params }: Context) =>
  respond(request, async (server) => {
    const agent = await authenticateAgent(server, request.headers.get('authorization'));
    const read = () => readBody(request, MAX_UPLOAD_BYTES);
    return Response.json(await storeArtifactOf(server, agent, { sha256: (await params).sha256, read }));
  });
