import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentContract, SafaceError } from '@saface/core';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAgentClient } from './agent-client.ts';
import { ArtifactCache } from './artifact-cache.ts';
import { Backoff } from './backoff.ts';
import { readCredential } from './credential.ts';
import { enrolAnew, enrolOnce } from './enrolment.ts';
import { sha256Hex } from './hash.ts';
import { createLogger } from './logger.ts';

/** A control plane of a few lines, on real tRPC: one token, one agent, artifacts in memory. */
const t = initTRPC.context<{ authorization: string | undefined }>().create({
  errorFormatter: ({ shape }) => ({ ...shape, data: { ...shape.data, remedy: 'Ask for another token.' } }),
});
const tokens = new Set<string>();
const router = t.router({
  agent: t.router({
    enrol: t.procedure.input(agentContract.enrol.input).mutation(({ input }) => {
      if (!tokens.delete(input.token)) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'The token is spent' });
      return { agentId: `a-${input.name}`, secret: 'shh' };
    }),
    pullCameraConfig: t.procedure.input(agentContract.pullCameraConfig.input).mutation(({ ctx }) => {
      if (ctx.authorization !== 'Bearer a1.shh') throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Who?' });
      return { status: 'unchanged', revision: 'r1', serverTime: 5 };
    }),
    push: t.procedure.input(agentContract.push.input).mutation(() => ({ results: 'nonsense' })),
  }),
});

const artifacts = new Map<string, Uint8Array>();
const trpc = createHTTPHandler({
  router,
  basePath: '/api/agent/trpc/',
  createContext: ({ req }) => ({ authorization: req.headers.authorization }),
});
const controlPlane: RequestListener = (request, response) => {
  const url = request.url ?? '';
  const sha256 = /^\/api\/agent\/artifacts\/(\w+)$/.exec(url)?.[1];
  if (!sha256) return trpc(request, response);
  if (request.method === 'PUT') {
    const parts: Buffer[] = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', () => {
      artifacts.set(sha256, Buffer.concat(parts));
      response.writeHead(201).end();
    });
    return;
  }
  const bytes = artifacts.get(sha256);
  if (bytes) response.writeHead(200).end(bytes);
  else response.writeHead(404).end('no such artifact');
};

let server: Server;
let controlUrl: string;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-kit-'));
  server = createServer(controlPlane).listen(0, '127.0.0.1');
  await once(server, 'listening');
  controlUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  tokens.clear();
  artifacts.clear();
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true });
});

const credential = { agentId: 'a1', secret: 'shh', controlUrl: '' };
const reported = { revision: null, clock: 1, state: 'playing', error: null } as const;
const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => (error instanceof SafaceError ? error : null),
  );

describe('AgentClient', () => {
  it('calls procedures with its credential, over real tRPC', async () => {
    const client = createAgentClient({ controlUrl: `${controlUrl}/`, credential });
    const answer = await client.call('pullCameraConfig', { knownRevision: null, reported });
    expect(answer).toEqual({ status: 'unchanged', revision: 'r1', serverTime: 5 });
  });

  it('keeps the words and the remedy of the control plane', async () => {
    const client = createAgentClient({ controlUrl, credential: null });
    const error = await failure(client.call('pullCameraConfig', { knownRevision: null, reported }));
    expect(error).toMatchObject({ code: 'unauthenticated', message: 'Who?', remedy: 'Ask for another token.' });
  });

  it('notices an answer that is not what was agreed', async () => {
    const client = createAgentClient({ controlUrl, credential });
    const item = { id: 'x', kind: 'log', payload: { time: 1, level: 'info', message: 'm' } } as const;
    expect(await failure(client.call('push', { items: [item] }))).toMatchObject({ code: 'integrity' });
  });

  it('calls a control plane that is away, or too slow, unavailable', async () => {
    const away = createAgentClient({ controlUrl: 'http://127.0.0.1:1', credential });
    const error = await failure(away.call('pullCameraConfig', { knownRevision: null, reported }));
    expect(error?.code).toBe('unavailable');
    expect(error?.message).toMatch(/127\.0\.0\.1:1 cannot be reached \(.*(ECONNREFUSED|bad port)/);
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const slow = createAgentClient({ controlUrl: url, credential, timeout: 30 });
    expect(await failure(slow.call('pullCameraConfig', { knownRevision: null, reported }))).toMatchObject({
      code: 'unavailable',
    });
    silent.closeAllConnections();
    silent.close();
  });

  it('gives up waiting for a request that never settles, whatever its signal says', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation(() => new Promise(() => undefined));
    try {
      const client = createAgentClient({ controlUrl, credential, timeout: 30 });
      const item = { id: 'x', kind: 'log', payload: { time: 1, level: 'info', message: 'm' } } as const;
      for (const lost of [
        client.call('push', { items: [item] }),
        client.postPreview('c1', new Uint8Array(1)),
        client.call('push', { items: [item] }, new AbortController().signal),
      ])
        expect(await failure(lost)).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/30 ms/) });
      const stop = new AbortController();
      const stopped = client.call('push', { items: [item] }, stop.signal);
      stop.abort(new Error('enough'));
      await expect(stopped).rejects.toThrow('enough');
    } finally {
      fetched.mockRestore();
    }
  });

  it('passes an abort on as what it is', async () => {
    const abort = new AbortController();
    abort.abort(new Error('enough'));
    const client = createAgentClient({ controlUrl, credential });
    await expect(client.call('pullCameraConfig', { knownRevision: null, reported }, abort.signal)).rejects.toThrow(
      'enough',
    );
  });
});

describe('ArtifactCache', () => {
  const bytes = Buffer.from('a model');
  const ref = { sha256: sha256Hex(bytes), bytes: bytes.length };

  it('uploads, downloads once, and repairs a damaged file', async () => {
    const client = createAgentClient({ controlUrl, credential });
    expect(await client.uploadArtifact(bytes)).toEqual(ref);
    const path = await new ArtifactCache(join(folder, 'cache'), client).fetch(ref);
    expect(await readFile(path)).toEqual(bytes);
    await writeFile(path, 'a moduL');
    artifacts.set(ref.sha256, bytes);
    expect(await readFile(await new ArtifactCache(join(folder, 'cache'), client).fetch(ref))).toEqual(bytes);
    artifacts.clear();
    await new ArtifactCache(join(folder, 'cache'), client).fetch(ref);
  });

  it('refuses other bytes than the hash names and leaves nothing behind', async () => {
    artifacts.set(ref.sha256, Buffer.from('b model'));
    const cache = new ArtifactCache(join(folder, 'cache'), createAgentClient({ controlUrl, credential }));
    expect(await failure(cache.fetch(ref))).toMatchObject({ code: 'integrity' });
    expect(await readdir(join(folder, 'cache')).catch(() => [])).toEqual([]);
    artifacts.clear();
    expect(await failure(cache.fetch(ref))).toMatchObject({ code: 'not-found' });
  });

  it('forgets what is no longer used', async () => {
    await mkdir(join(folder, 'cache'));
    await writeFile(join(folder, 'cache', 'b'.repeat(64)), 'old');
    artifacts.set(ref.sha256, bytes);
    const cache = new ArtifactCache(join(folder, 'cache'), createAgentClient({ controlUrl, credential }));
    await cache.fetch(ref);
    await cache.keepOnly([ref.sha256]);
    expect(await readdir(join(folder, 'cache'))).toEqual([ref.sha256]);
  });
});

describe('enrolment', () => {
  const options = (token: string | undefined, signal = new AbortController().signal) => ({
    controlUrl,
    kind: 'camera' as const,
    name: 'door',
    version: '1',
    token,
    credentialPath: join(folder, 'credential.json'),
    logger: createLogger('test', 'silent'),
    signal,
    backoff: new Backoff({ first: 1, longest: 1 }),
  });

  it('spends the token once and keeps the credential for its owner alone', async () => {
    tokens.add('one-time');
    const first = await enrolOnce(options('one-time'));
    expect(first).toEqual({ agentId: 'a-door', secret: 'shh', controlUrl });
    expect((await stat(join(folder, 'credential.json'))).mode & 0o777).toBe(0o600);
    expect(await enrolOnce(options(undefined))).toEqual(first);
  });

  it('says what to do about a missing or wrong token', async () => {
    expect(await failure(enrolOnce(options(undefined)))).toMatchObject({
      code: 'unauthenticated',
      remedy: expect.stringContaining('Make a one-time token'),
    });
    expect(await failure(enrolOnce(options('guess')))).toMatchObject({ message: 'The token is spent' });
    expect(await readCredential(join(folder, 'credential.json'))).toBeNull();
  });

  it('waits for a control plane that is not up yet', async () => {
    const port = (server.address() as AddressInfo).port;
    await new Promise((done) => server.close(done));
    tokens.add('one-time');
    const enrolling = enrolOnce(options('one-time'));
    server = createServer(controlPlane).listen(port, '127.0.0.1');
    expect((await enrolling).agentId).toBe('a-door');
  });

  it('replaces a refused credential only when the token buys another', async () => {
    tokens.add('one-time');
    await enrolOnce(options('one-time'));
    expect(await enrolAnew({ ...options('spent'), name: 'new' })).toBe(false);
    expect((await readCredential(join(folder, 'credential.json')))?.agentId).toBe('a-door');
    tokens.add('second');
    expect(await enrolAnew({ ...options('second'), name: 'new' })).toBe(true);
    expect((await readCredential(join(folder, 'credential.json')))?.agentId).toBe('a-new');
    expect(await readdir(folder)).toEqual(['credential.json']);
  });
});
