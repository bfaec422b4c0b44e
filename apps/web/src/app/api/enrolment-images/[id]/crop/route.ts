import { picture, respond, signedIn } from '../../../../../server/http/respond.ts';
import { readEnrolmentCrop } from '../../../../../server/services/pictures.ts';

export const GET = (request: Request, { params }: { params: Promise<{ id: string }> }) =>
  respond(request, async (server) => {
    const ctx = await signedIn(server, request, 'site.read');
    return picture(await readEnrolmentCrop(ctx, (await params).id), 'image/png');
  });
