import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sha256Hex } from '@saface/agent-kit/hash';
import {
  type AgentInput,
  type ArtifactRef,
  decodeLiveFrame,
  type EdgeConfig,
  type EdgeReported,
  type IssuedCommand,
  type LiveFrame,
  type OutboxItem,
} from '@saface/core';

/** A control plane in memory that speaks the agent contract over HTTP; for tests. */
export class FakeControlPlane {
  readonly artifacts = new Map<string, Uint8Array>();
  readonly stored = new Map<string, OutboxItem>();
  /** Ids in the order they were stored, and how often a stored one came again. */
  readonly order: string[] = [];
  duplicates = 0;
  readonly live: LiveFrame[] = [];
  reported: EdgeReported | null = null;
  config: EdgeConfig | null = null;
  revision = 'r0';
  accepted = true;
  preview: string[] = [];
  commands: IssuedCommand[] = [];
  acknowledged = new Set<string>();
  /** Answers nothing while true, like a server that is down. */
  down = false;
  /** Has no artifacts for anybody while true. */
  withheld = false;
  pulls = 0;
  tokens = new Set<string>(['token']);
  #server: Server | null = null;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (this.down) return request.socket.destroy();
        const { status, body } = this.#answer(request.method ?? 'GET', request.url ?? '/', Buffer.concat(chunks));
        response.writeHead(status).end(body);
      });
    });
    await new Promise<void>((resolve) => this.#server!.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise<void>((resolve) => this.#server?.close(() => resolve()) ?? resolve());
  }

  put(bytes: Uint8Array): ArtifactRef {
    const sha256 = sha256Hex(bytes);
    this.artifacts.set(sha256, bytes);
    return { sha256, bytes: bytes.length };
  }

  configure(config: EdgeConfig): void {
    this.config = config;
    this.revision = sha256Hex(Buffer.from(JSON.stringify(config))).slice(0, 16);
  }

  items<K extends OutboxItem['kind']>(kind: K): Extract<OutboxItem, { kind: K }>['payload'][] {
    return [...this.stored.values()].flatMap((item) => (item.kind === kind ? [item.payload as never] : []));
  }

  #answer(method: string, url: string, body: Buffer): { status: number; body: string | Uint8Array } {
    const artifact = /^\/api\/agent\/artifacts\/(\w+)$/.exec(url)?.[1];
    if (artifact && method === 'PUT') {
      this.artifacts.set(artifact, new Uint8Array(body));
      return { status: 200, body: '' };
    }
    if (artifact) {
      const bytes = this.withheld ? undefined : this.artifacts.get(artifact);
      return bytes ? { status: 200, body: bytes } : { status: 404, body: 'no such artifact' };
    }
    if (url.startsWith('/api/agent/preview/')) {
      this.live.push(decodeLiveFrame(new Uint8Array(body)).frame);
      return { status: 204, body: '' };
    }
    const procedure = /^\/api\/agent\/trpc\/agent\.(\w+)/.exec(url)?.[1];
    const input: unknown = JSON.parse(body.toString('utf8') || 'null');
    try {
      return { status: 200, body: JSON.stringify({ result: { data: this.#call(procedure ?? '', input) } }) };
    } catch (error) {
      const message = (error as Error).message;
      return {
        status: 401,
        body: JSON.stringify({
          error: { message, code: -32001, data: { code: 'UNAUTHORIZED', httpStatus: 401, path: procedure } },
        }),
      };
    }
  }

  #call(procedure: string, input: unknown): unknown {
    if (procedure === 'enrol') return this.#enrol(input as AgentInput<'enrol'>);
    if (procedure === 'push') return this.#push(input as AgentInput<'push'>);
    const { knownRevision, reported, acknowledged } = input as AgentInput<'pullEdgeConfig'>;
    this.reported = reported;
    this.pulls += 1;
    for (const id of acknowledged) this.acknowledged.add(id);
    const common = { serverTime: Date.now(), preview: this.preview, commands: this.#open() };
    if (!this.accepted || !this.config) return { ...common, status: 'pending', revision: null };
    if (knownRevision === this.revision) return { ...common, status: 'unchanged', revision: this.revision };
    return { ...common, status: 'changed', revision: this.revision, config: this.config };
  }

  #open(): IssuedCommand[] {
    return this.commands.filter(({ id }) => !this.acknowledged.has(id));
  }

  #enrol({ token }: AgentInput<'enrol'>): unknown {
    if (!this.tokens.delete(token)) throw new Error('This token is wrong, spent or expired');
    return { agentId: 'edge-1', secret: 'secret' };
  }

  #push({ items }: AgentInput<'push'>): unknown {
    return {
      results: items.map((item) => {
        const known = this.stored.has(item.id);
        if (known) this.duplicates += 1;
        else {
          this.stored.set(item.id, item as OutboxItem);
          this.order.push(item.id);
        }
        return { id: item.id, status: known ? 'duplicate' : 'stored', message: null };
      }),
    };
  }
}
