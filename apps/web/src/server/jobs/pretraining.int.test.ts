import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PretrainingSettings } from '@saface/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { pretrainingHandler } from './pretraining.ts';
import { MAX_TRIES, withPatience } from './registry.ts';

const settings: PretrainingSettings = {
  backbone: 'mobilefacenet',
  width: 0.125,
  inputSize: 32,
  head: 'cosface',
  epochs: 2,
  batchSize: 8,
  learningRate: 0.05,
};

describe('pre-training', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    // Eight people as coloured stripes, of the size of a crop.
    for (let person = 0; person < 8; person++) {
      const folder = join(server.deps.datasetsDir, 'stripes', `person-${person}`);
      await mkdir(folder, { recursive: true });
      for (let picture = 0; picture < 4; picture++) {
        const pixels = Uint8Array.from(
          { length: 32 * 32 * 3 },
          (_, i) => ((i % 3) * 60 + person * 25 + ((i * (picture + 3)) % 17)) % 256,
        );
        const jpeg = await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
          .jpeg()
          .toBuffer();
        await writeFile(join(folder, `${picture}.jpg`), jpeg);
      }
    }
    await mkdir(join(server.deps.datasetsDir, 'lonely', 'one'), { recursive: true });
  });
  afterAll(() => server?.close());

  const handler = () => pretrainingHandler(server.deps, { home: dirname(server.deps.datasetsDir), threads: 1 });
  const run = (pretrainingId: string) => handler().run({ pretrainingId });
  const start = (folder: string, changes: Partial<PretrainingSettings> = {}) =>
    server.as('engineer').pretraining.start({ name: `from ${folder}`, folder, settings: { ...settings, ...changes } });
  const get = (id: string) => server.as('viewer').pretraining.get({ id });

  it('ends when somebody cancels it', async () => {
    const { id } = await start('stripes', { epochs: 500 });
    const running = run(id);
    await expect.poll(async () => (await get(id)).step, { timeout: 60_000 }).toBeGreaterThan(0);
    await server.as('engineer').pretraining.cancel({ id });
    await running;
    expect(await get(id)).toMatchObject({ status: 'cancelled', note: 'Cancelled by The engineer', baseModelId: null });
    await expect(server.as('engineer').pretraining.cancel({ id })).rejects.toThrow('could be cancelled');
  });

  it('ends as a base model, with its curve', async () => {
    const { id } = await start('stripes');
    expect(await server.deps.pretrainingQueue.getJob(id)).toBeDefined();
    await run(id);
    const done = await get(id);
    expect(done).toMatchObject({ status: 'done', error: null, epoch: 2 });
    expect(done.points.length).toBeGreaterThan(3);
    expect(done.points.filter(({ heldOut }) => heldOut !== null)).toHaveLength(2);
    const model = (await server.as('viewer').models.list()).find((candidate) => candidate.id === done.baseModelId);
    expect(model).toMatchObject({ name: 'from stripes', inputSize: 32, source: 'pre-trained here on stripes' });
    // A job that comes twice changes nothing.
    await run(id);
    expect(await get(id)).toEqual(done);
  });

  it('says why a folder cannot be learnt from', async () => {
    const { id } = await start('lonely');
    await run(id);
    const failed = await get(id);
    expect(failed).toMatchObject({ status: 'failed', baseModelId: null });
    expect(failed.error?.length).toBeGreaterThan(10);
  });

  it('fails with what to do when it cannot be run', async () => {
    const { id } = await start('lonely');
    // As after an update that reads settings otherwise.
    await server.deps.prisma.pretraining.update({ where: { id }, data: { settings: {} } });
    const once = withPatience<'pretraining'>(handler(), () => false);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      expect((await server.deps.prisma.pretraining.findUniqueOrThrow({ where: { id } })).error).toBeNull();
      await expect(once(id, { pretrainingId: id })).rejects.toThrow('invalid');
    }
    const failed = await server.deps.prisma.pretraining.findUniqueOrThrow({ where: { id } });
    expect(failed).toMatchObject({ status: 'failed', error: expect.stringContaining('log of the worker') });
    await expect(once(id, { pretrainingId: id })).resolves.toBeUndefined();
  });

  it('refuses a folder that lies elsewhere, and people who may not', async () => {
    await expect(start('../../etc')).rejects.toThrow('not a folder below');
    await expect(start('/etc')).rejects.toThrow('not a folder below');
    const input = { name: 'mine', folder: 'stripes', settings };
    await expect(server.as('operator').pretraining.start(input)).rejects.toThrow('may not');
  });
});
