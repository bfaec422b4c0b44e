import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeError, SafaceError } from '@saface/core';
import type { Registry } from 'prom-client';

export interface HealthServerOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** Default: every interface. */
  readonly host?: string;
  readonly registry: Registry;
  /** Answer of /healthz; status 200 while `ok`, 503 otherwise. */
  health(): { readonly ok: boolean } & Readonly<Record<string, unknown>>;
  /** Answer of /readyz, whether it does its work now; without it /readyz answers as /healthz. */
  ready?(): { readonly ok: boolean } & Readonly<Record<string, unknown>>;
}

export interface HealthServer {
  readonly port: number;
  /** For further doors on the same port, such as a WebSocket upgrade. */
  readonly http: Server;
  close(): Promise<void>;
}

/** GET /healthz and /readyz (JSON) and GET /metrics (Prometheus text). Throws `unavailable` when the port is taken. */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { registry, health, ready = health } = options;
  const http = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    const answer = (status: number, type: string, body: string) =>
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, 'text/plain', 'GET only\n');
    else if (path === '/healthz' || path === '/readyz') {
      const state = path === '/healthz' ? health() : ready();
      answer(state.ok ? 200 : 503, 'application/json', `${JSON.stringify(state)}\n`);
    } else if (path === '/metrics') {
      registry.metrics().then(
        (text) => answer(200, registry.contentType, text),
        (error: unknown) => answer(500, 'text/plain', `${describeError(error)}\n`),
      );
    } else answer(404, 'text/plain', 'Only /healthz, /readyz and /metrics live here\n');
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause) =>
      reject(
        new SafaceError(
          'unavailable',
          `Port ${options.port} cannot be opened (${describeError(cause)})`,
          'Choose another port, or stop the program that uses it.',
          { cause },
        ),
      ),
    );
    http.listen(options.port, options.host, resolve);
  });
  return {
    port: (http.address() as AddressInfo).port,
    http,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}
