import { SafaceError } from '@saface/core';
import { requireSameOrigin, respond, signedIn } from '../../../../server/http/respond.ts';
import { addImport, MAX_MODEL_BYTES } from '../../../../server/services/model-imports.ts';

/** What the form adds around the file. */
const ENVELOPE = 64 * 1024;

export const POST = (request: Request) =>
  respond(request, async (server) => {
    requireSameOrigin(request);
    const ctx = await signedIn(server, request, 'policy.write');
    const length = Number(request.headers.get('content-length') ?? Number.NaN);
    if (!(length <= MAX_MODEL_BYTES + ENVELOPE))
      throw new SafaceError(
        'invalid-input',
        `A model may have at most ${MAX_MODEL_BYTES >> 20} MiB`,
        'Bring a larger one in with “saface models import” on the server.',
      );
    const form = await request.formData().catch((cause: unknown) => {
      throw new SafaceError('invalid-input', 'This is no upload of a file', 'Send multipart/form-data.', { cause });
    });
    const file = form.get('model');
    if (!(file instanceof File))
      throw new SafaceError('invalid-input', 'No file was sent', 'Choose an ONNX file of a recogniser.');
    const bytes = new Uint8Array(await file.arrayBuffer());
    return Response.json(await addImport(ctx, { fileName: file.name, bytes }));
  });
