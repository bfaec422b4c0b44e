import { Worker } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addImport } from '../services/model-imports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { again } from './again.ts';
import { modelImportHandler } from './model-import.ts';
import { MAX_STALLS, MAX_TRIES } from './registry.ts';

describe('a row that is still to be done', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer(process.env);
  });
  afterAll(() => server?.close());

  const upload = async () => {
    const { id } = await addImport(server.ctx('engineer'), { fileName: 'deadly.onnx', bytes: Buffer.from('x') });
    return { id, payload: { modelImportId: id } };
  };
  /** Lets a worker have the job until it has failed; how often that was. */
  async function workUntilFailed(id: string, work: (worker: { dies: () => Promise<never> }) => Promise<void>) {
    const { importQueue: queue, redis } = server.deps;
    let taken = 0;
    // As when its process ends: nobody holds the job any more, and it is never settled.
    const dies = async () => {
      await redis.del(`${queue.toKey(id)}:lock`);
      return new Promise<never>(() => undefined);
    };
    const connection = redis.duplicate({ maxRetriesPerRequest: null });
    connection.on('error', () => undefined);
    const worker = new Worker(
      queue.name,
      async () => {
        taken++;
        await work({ dies });
      },
      {
        connection,
        // Also for the places that those keep who died.
        concurrency: MAX_TRIES + 2,
        stalledInterval: 20,
        maxStalledCount: MAX_STALLS,
      },
    );
    await expect
      .poll(async () => (await queue.getJob(id))?.getState(), { timeout: 30_000, interval: 20 })
      .toBe('failed');
    await worker.close(true);
    connection.disconnect();
    return taken;
  }
  const look = (of: Awaited<ReturnType<typeof upload>>, giveUp = modelImportHandler(server.deps, reads).giveUp) =>
    again<'modelImport'>(server.deps.importQueue, { ...of, giveUp });
  const reads = () => Promise.reject(new Error('is not read here'));
  const stateOf = async (id: string) => (await server.deps.importQueue.getJob(id))?.getState();

  it('is given up once its job has taken the worker with it every time, in words', async () => {
    const file = await upload();
    expect(await workUntilFailed(file.id, ({ dies }) => dies())).toBe(MAX_TRIES);
    expect(await look(file)).toBe('given up');
    expect(await stateOf(file.id)).toBeUndefined();
    expect(await server.as('viewer').models.import({ id: file.id })).toMatchObject({
      status: 'refused',
      reason: 'The worker ended 3 times in a row while it was at this',
      remedy: expect.stringContaining('memory'),
    });
  });

  it('gets a new job when the one before failed, or took the worker with it but goes on where it was', async () => {
    const file = await upload();
    expect(await workUntilFailed(file.id, () => Promise.reject(new Error('the disk is full')))).toBe(1);
    expect(await look(file)).toBe('queued');
    expect(await stateOf(file.id)).toBe('waiting');
    await workUntilFailed(file.id, ({ dies }) => dies());
    expect(await again<'modelImport'>(server.deps.importQueue, file)).toBe('queued');
    expect(await stateOf(file.id)).toBe('waiting');
    expect((await server.as('viewer').models.import({ id: file.id })).status).toBe('pending');
  });

  it('gets one when its own was lost, and none beside one that waits', async () => {
    const { importQueue: queue } = server.deps;
    const file = await upload();
    await queue.remove(file.id);
    for (let i = 0; i < 2; i++) expect(await look(file)).toBe('queued');
    expect((await queue.getWaiting()).filter(({ id }) => id === file.id)).toHaveLength(1);
  });
});
