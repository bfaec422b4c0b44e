import { picture, respond, signedIn } from '../../../../../server/http/respond.ts';
import { readTripletPicture } from '../../../../../server/services/pictures.ts';

export const GET = (request: Request, { params }: { params: Promise<{ id: string; part: string }> }) =>
  respond(request, async (server) => {
    const ctx = await signedIn(server, request, 'site.read');
    return picture(await readTripletPicture(ctx, await params), 'image/jpeg');
  });
