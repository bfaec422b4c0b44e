import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { NewVersion } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  candidateOf,
  championOf,
  enrolEdge,
  enrolPerson,
  eventOf,
  type PushedItem,
  pull,
  pushAll,
  runOf,
} from '../testing/reports.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { addPictures } from './enrolment.ts';

const jpegOf = (text: string) => Buffer.from(text).toString('base64');

describe('erasing a person', () => {
  let server: TestServer;
  let bearer: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    bearer = await enrolEdge(server);
  });
  afterAll(() => server?.close());

  it('removes pictures, crops, links and triplets, tells the edges, and says which versions learnt from the person', async () => {
    const { prisma, artifacts } = server.deps;
    const people = (await server.as('viewer').identities.list({})).items;
    const ada = people.find(({ name }) => name === 'Ada')!;
    const ben = people.find(({ name }) => name === 'Ben')!;
    const versionId = await championOf(server);
    const run = runOf(server, { parentVersionId: versionId });
    const version = await candidateOf(server, { runId: run.id });
    version.provenance.identityIds = [ada.id];
    const recognised = { versionId, decision: 'recognised' as const, distance: 0.3 };
    const hers = eventOf(server, { ...recognised, identityId: ada.id, cropJpeg: jpegOf('ada seen') });
    const his = eventOf(server, {
      ...recognised,
      identityId: ben.id,
      runnerUpIdentityId: ada.id,
      cropJpeg: jpegOf('ben seen'),
    });
    const triplet = {
      anchor: jpegOf('1'),
      positive: jpegOf('2'),
      negative: jpegOf('3'),
      positiveDistance: 1,
      negativeDistance: 1,
    };
    const answer = await server.agent(
      'push',
      {
        items: [
          { id: '1', kind: 'event', payload: hers },
          { id: '2', kind: 'event', payload: his },
          { id: '3', kind: 'training-run', payload: run },
          { id: '4', kind: 'triplet-pictures', payload: { runId: run.id, triplets: [triplet] } },
          { id: '5', kind: 'version', payload: version },
        ],
      },
      bearer,
    );
    expect(answer.results.map(({ status }) => status)).toEqual(Array(5).fill('stored'));
    const files = await filesOf(ada.id, hers.id);
    expect(files.every(existsSync)).toBe(true);

    const shown = await server.as('viewer').identities.get({ id: ada.id });
    expect(shown.versions).toMatchObject([{ id: version.id, label: 'v1', retired: false }]);
    expect(await championOf(server)).toBe(version.id);
    const receipt = await server
      .as('operator')
      .identities.erase({ id: ada.id, reason: 'consent withdrawn', retireVersions: true });
    expect(await championOf(server)).toBe(versionId);

    expect(receipt).toMatchObject({ pictures: 1, crops: 1, events: 2, triplets: 1, requestedBy: 'The operator' });
    expect(receipt.versions).toMatchObject([{ id: version.id, label: 'v1', scenarioName: 'corridor', retired: true }]);
    expect(files.filter(existsSync)).toEqual([]);
    expect(await prisma.identity.findUnique({ where: { id: ada.id } })).toBeNull();
    expect(await prisma.event.findUnique({ where: { id: hers.id } })).toMatchObject({
      identityId: null,
      cropSha256: null,
    });
    const kept = await prisma.event.findUniqueOrThrow({ where: { id: his.id } });
    expect(kept).toMatchObject({ identityId: ben.id, runnerUpIdentityId: null });
    expect(existsSync(artifacts.pathOf(kept.cropSha256!))).toBe(true);
    const { commands, config } = await server.agent('pullEdgeConfig', pull(), bearer);
    expect(commands.map(({ command }) => command)).toContainEqual({ kind: 'forget-identity', identityId: ada.id });
    expect(config?.identities.map(({ name }) => name)).toEqual(['Ben']);
    expect(await server.as('auditor').identities.receipts()).toEqual([receipt]);
    expect(receipt.edgesWaiting).toEqual(receipt.edgesNotified);
    const done = commands.map(({ id }) => id);
    await server.agent('pullEdgeConfig', { ...pull(), acknowledged: done }, bearer);
    expect(await server.as('auditor').identities.receipts()).toEqual([{ ...receipt, edgesWaiting: [] }]);
    const log = JSON.stringify((await server.as('auditor').audit.list({ limit: 200 })).items);
    expect(log).toContain(ada.id);
    expect(log).not.toContain('"Ada"');

    // What waited in an outbox does not bring her back, and neither does the demo's set-up.
    const late = eventOf(server, { ...recognised, identityId: ada.id, cropJpeg: jpegOf('ada again') });
    await server.agent('push', { items: [{ id: '6', kind: 'event', payload: late }] }, bearer);
    expect(await prisma.event.findUnique({ where: { id: late.id } })).toMatchObject({
      identityId: null,
      cropSha256: null,
    });
    await server.seed();
    expect((await server.as('viewer').identities.list({})).items.map(({ name }) => name)).toEqual(['Ben']);
  });

  async function filesOf(identityId: string, eventId: string): Promise<string[]> {
    const { prisma, artifacts } = server.deps;
    const images = await prisma.enrolmentImage.findMany({ where: { identityId } });
    const event = await prisma.event.findUniqueOrThrow({ where: { id: eventId } });
    const triplets = await prisma.tripletExample.findMany();
    return [
      ...images.flatMap((image) => [image.pictureSha256!, image.cropSha256!]),
      event.cropSha256!,
      ...triplets.flatMap((row) => [row.anchorSha256, row.positiveSha256, row.negativeSha256]),
    ].map(artifacts.pathOf);
  }

  it('keeps a picture that somebody else is enrolled with too', async () => {
    const { prisma, artifacts } = server.deps;
    const sharp = (await import('sharp')).default;
    const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#456' } })
      .png()
      .toBuffer();
    const make = async (name: string) => {
      const id = await enrol(name);
      const { accepted } = await addPictures(server.ctx('operator'), id, [{ fileName: 'a.png', bytes }]);
      return { id, imageId: accepted[0].id };
    };
    const [first, second] = [await make('One'), await make('Two')];
    const image = await prisma.enrolmentImage.findUniqueOrThrow({ where: { id: second.imageId } });
    await server.as('operator').identities.erase({ id: first.id, reason: 'test' });
    expect(existsSync(artifacts.pathOf(image.pictureSha256!))).toBe(true);
    await server.as('operator').identities.deleteImage({ imageId: second.imageId });
    expect(existsSync(artifacts.pathOf(image.pictureSha256!))).toBe(false);
  });

  const enrol = (name: string) => enrolPerson(server, name);
  const push = (...items: PushedItem[]) => pushAll(server, bearer, items);
  /** A run with one example of its triplets, as files of its own. */
  const pushRun = async (of: Parameters<typeof runOf>[1] = {}) => {
    const run = runOf(server, of);
    const picture = () => jpegOf(randomUUID());
    const triplet = { anchor: picture(), positive: picture(), negative: picture() };
    const payload = { runId: run.id, triplets: [{ ...triplet, positiveDistance: 1, negativeDistance: 1 }] };
    const items = [
      { kind: 'training-run', payload: run },
      { kind: 'triplet-pictures', payload },
    ] as const;
    expect(await push(...items)).toEqual(['stored', 'stored']);
    return run.id;
  };
  const pushVersion = async (identityIds: string[], of: Partial<NewVersion> = {}) => {
    const version = await candidateOf(server, of);
    version.provenance.identityIds = identityIds;
    expect(await push({ kind: 'version', payload: version })).toEqual(['stored']);
    return version.id;
  };
  const exampleOf = (runId: string) => server.deps.prisma.tripletExample.findFirst({ where: { runId } });

  it('takes the pictures of runs that made no version, of every scenario that could have met the person', async () => {
    const { artifacts, prisma } = server.deps;
    const id = await enrol('Cleo');
    const { decision, learning } = await prisma.scenario.findFirstOrThrow();
    const elsewhere = await prisma.scenario.create({
      data: {
        siteId: server.demo.siteId,
        name: 'elsewhere',
        baseModelId: server.demo.baseModelId,
        decision: decision!,
        learning: learning!,
      },
    });
    const unfinished = await pushRun();
    const foreign = await pushRun({ scenarioId: elsewhere.id });
    const gone = (await exampleOf(unfinished))!;
    const receipt = await server.as('operator').identities.erase({ id, reason: 'test' });
    expect(receipt.triplets).toBe(1);
    expect(await exampleOf(unfinished)).toBeNull();
    expect(existsSync(artifacts.pathOf(gone.anchorSha256))).toBe(false);
    expect(await exampleOf(foreign)).not.toBeNull();
  });

  it('takes the pictures of a run that ends only after the erasure', async () => {
    const id = await enrol('Dora');
    await server.as('operator').identities.erase({ id, reason: 'test' });
    const runId = await pushRun();
    await pushVersion([id], { runId });
    expect(await exampleOf(runId)).toBeNull();
  });

  it('takes the pictures of a run that the edge ends because of the erasure', async () => {
    const id = await enrol('Dina');
    await server.as('operator').identities.erase({ id, reason: 'test' });
    const runId = await pushRun();
    await push({ kind: 'training-run', payload: runOf(server, { id: runId, status: 'cancelled' }) });
    expect(await exampleOf(runId)).toBeNull();
  });

  it('lets no later report of the same track bring the face back, whoever it says that is', async () => {
    const { prisma, artifacts } = server.deps;
    const id = await enrol('Dilip');
    const versionId = await championOf(server);
    const named = { versionId, decision: 'recognised' as const, distance: 0.3, identityId: id };
    const unnamed = { decision: 'unknown' as const, distance: null, identityId: null, sequence: 5 };
    const stored = eventOf(server, { ...named, cropJpeg: jpegOf('stored before') });
    const waiting = eventOf(server, { ...named, cropJpeg: jpegOf('still waiting') });
    await push({ kind: 'event', payload: stored });
    await server.as('operator').identities.erase({ id, reason: 'test' });
    await push({ kind: 'event', payload: waiting });
    for (const event of [stored, waiting]) {
      const cropJpeg = jpegOf(`later ${event.id}`);
      expect(await push({ kind: 'event', payload: { ...event, ...unnamed, cropJpeg } })).toEqual(['stored']);
      const { cropSha256, sequence } = await prisma.event.findUniqueOrThrow({ where: { id: event.id } });
      expect([cropSha256, sequence]).toEqual([null, 5]);
      const sha256 = createHash('sha256').update(Buffer.from(cropJpeg, 'base64')).digest('hex');
      expect(existsSync(artifacts.pathOf(sha256))).toBe(false);
    }
  });

  it('retires a version of a run that went on meanwhile, and what is built on one that was retired', async () => {
    const { prisma } = server.deps;
    const before = await championOf(server);
    const id = await enrol('Dan');
    const parent = await pushVersion([id]);
    expect(await championOf(server)).toBe(parent);
    const child = await candidateOf(server);
    const receipt = await server.as('operator').identities.erase({ id, reason: 'test', retireVersions: true });
    expect(receipt.versions.map((version) => version.id)).toEqual([parent]);
    const late = await pushVersion([id]);
    expect(await push({ kind: 'version', payload: child })).toEqual(['stored']);
    expect(await championOf(server)).toBe(before);
    const stored = await prisma.modelVersion.findMany({ where: { id: { in: [late, child.id] } } });
    expect(stored.map(({ retiredReason }) => retiredReason)).toEqual(
      Array(2).fill('Somebody it learnt from was erased meanwhile'),
    );
    const receipts = await server.as('auditor').identities.receipts();
    const versions = receipts.find((one) => one.id === receipt.id)?.versions ?? [];
    expect(versions.map((version) => [version.id, version.retired]).sort()).toEqual(
      [parent, late, child.id].map((versionId) => [versionId, true]).sort(),
    );
    const aliases = await prisma.alias.findMany({ where: { versionId: { in: [parent, late, child.id] } } });
    expect(aliases).toEqual([]);
  });

  it('retires what was built on a version that learnt from the person, too', async () => {
    const id = await enrol('Emil');
    const before = await championOf(server);
    const parent = await pushVersion([id]);
    const child = await pushVersion([]);
    expect(await championOf(server)).toBe(child);
    const shown = await server.as('viewer').identities.get({ id });
    expect(shown.versions.map((version) => version.id)).toEqual([parent, child]);
    const receipt = await server.as('operator').identities.erase({ id, reason: 'test', retireVersions: true });
    expect(receipt.versions.map((version) => [version.id, version.retired])).toEqual([
      [parent, true],
      [child, true],
    ]);
    expect(await championOf(server)).toBe(before);
  });
});
