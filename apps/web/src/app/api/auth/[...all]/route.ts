import { container } from '../../../../server/container.ts';
import { readBody } from '../../../../server/http/read-body.ts';
import { respond } from '../../../../server/http/respond.ts';

/** Forms of an e-mail address and two passwords. better-auth reads whatever it is given before it knows who sends it. */
const MOST_BYTES = 16 << 10;

export const GET = async (request: Request) => (await container()).auth.handler(request);

export const POST = (request: Request) =>
  respond(request, async ({ auth }) => {
    const bytes = new Uint8Array(await readBody(request, MOST_BYTES));
    const body = bytes.length > 0 ? bytes : null;
    return auth.handler(new Request(request.url, { method: 'POST', headers: request.headers, body }));
  });
