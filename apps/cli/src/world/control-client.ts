import { SafaceError } from '@saface/core';
import { createTRPCUntypedClient, httpLink } from '@trpc/client';
import type { z } from 'zod';

/** The control plane as a signed-in person sees it: the same procedures as the web UI. Answers are checked, not trusted. */
export class ControlClient {
  readonly #trpc: ReturnType<typeof createTRPCUntypedClient>;

  private constructor(url: string, cookie: string) {
    this.#trpc = createTRPCUntypedClient({
      links: [httpLink({ url: `${url}/api/trpc`, headers: { cookie, origin: url } })],
    });
  }

  static async signIn(url: string, { email, password }: { email: string; password: string }): Promise<ControlClient> {
    const answer = await fetch(`${url}/api/auth/sign-in/email`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: url },
      body: JSON.stringify({ email, password }),
    });
    if (!answer.ok) {
      throw new SafaceError(
        'unauthenticated',
        `${email} cannot sign in at ${url} (${answer.status})`,
        'Check the password in secrets.json of SAFACE_HOME.',
      );
    }
    const cookie = answer.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ');
    return new ControlClient(url, cookie);
  }

  async query<S extends z.ZodType>(path: string, input: unknown, output: S): Promise<z.output<S>> {
    return output.parse(await this.#trpc.query(path, input));
  }

  async mutate<S extends z.ZodType>(path: string, input: unknown, output: S): Promise<z.output<S>> {
    return output.parse(await this.#trpc.mutation(path, input));
  }
}
