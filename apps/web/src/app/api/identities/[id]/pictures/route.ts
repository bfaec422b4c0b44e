import { SafaceError } from '@saface/core';
import { requireSameOrigin, respond, signedIn } from '../../../../../server/http/respond.ts';
import { addPictures, MAX_PICTURES, MAX_UPLOAD_BYTES } from '../../../../../server/services/enrolment.ts';

export const POST = (request: Request, { params }: { params: Promise<{ id: string }> }) =>
  respond(request, async (server) => {
    requireSameOrigin(request);
    const ctx = await signedIn(server, request, 'identity.write');
    const length = Number(request.headers.get('content-length') ?? Number.NaN);
    if (!(length <= MAX_UPLOAD_BYTES))
      throw new SafaceError('invalid-input', 'These are too many bytes at once', 'Send fewer pictures at a time.');
    const form = await request.formData().catch((cause: unknown) => {
      throw new SafaceError('invalid-input', 'This is no upload of files', 'Send multipart/form-data.', { cause });
    });
    const files = form.getAll('pictures').filter((value) => value instanceof File);
    const uploads = files.slice(0, MAX_PICTURES + 1).map(async (file) => ({
      fileName: file.name,
      bytes: new Uint8Array(await file.arrayBuffer()),
    }));
    return Response.json(await addPictures(ctx, (await params).id, await Promise.all(uploads)));
  });
