import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyMigrations } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

describe('applyMigrations', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(process.env);
  });
  afterAll(() => database?.close());

  it('has nothing left to do the second time, even when two start at once', async () => {
    expect(await Promise.all([applyMigrations(database.url), applyMigrations(database.url)])).toEqual([[], []]);
  });

  it('refuses a migration that was changed after it was applied', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'saface-migrations-'));
    try {
      await cp(fileURLToPath(new URL('../migrations', import.meta.url)), folder, { recursive: true });
      const first = (await readdir(folder)).sort()[0];
      await writeFile(join(folder, first, 'migration.sql'), 'SELECT 1;');
      await expect(applyMigrations(database.url, folder)).rejects.toMatchObject({ code: 'integrity' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('keeps the audit log append-only', async () => {
    const { prisma } = database;
    const entry = { sequence: 1, at: new Date(), actorName: 'test', action: 'x', subjectKind: 'x', subjectId: 'x' };
    await prisma.auditEntry.create({ data: { ...entry, data: {}, previousHash: '', hash: 'a' } });
    await expect(prisma.auditEntry.update({ where: { sequence: 1 }, data: { action: 'y' } })).rejects.toThrow(
      /append-only/,
    );
    await expect(prisma.auditEntry.deleteMany()).rejects.toThrow(/append-only/);
    await expect(prisma.$executeRaw`TRUNCATE "AuditEntry"`).rejects.toThrow(/append-only/);
  });
});

describe('thresholds by version', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(process.env);
  });
  afterAll(() => database?.close());

  it('keep what scenarios decided by before there was a scale', async () => {
    const { prisma } = database;
    const bytes = await prisma.artifact.create({ data: { sha256: 'a'.repeat(64), bytes: 1 } });
    const file = { connect: { sha256: bytes.sha256 } };
    const model = await prisma.baseModel.create({
      data: {
        name: 'model',
        recogniser: { defaultThreshold: 0.6 },
        recogniserFile: file,
        landmarksFile: file,
        detector: { create: { name: 'detector', family: 'any', file } },
      },
    });
    const site = await prisma.site.create({ data: { name: 'site' } });
    const cases = {
      'by the model': { decision: { threshold: null, margin: 0.03, minProbes: 3 }, versions: [{ threshold: null }] },
      'its own': { decision: { threshold: 0.9, margin: 0.03 }, versions: [{ threshold: null }, { threshold: 1.2 }] },
      budget: {
        decision: { threshold: null, falseAlarmsPerWeek: 1, margin: 0.035 },
        versions: [
          { threshold: null, budget: { alarmsPerWeek: 1, threshold: 0.42 } },
          { threshold: 0.84, budget: { alarmsPerWeek: 1, threshold: 0.7 } },
          { threshold: 1.05, budget: { alarmsPerWeek: 5, threshold: 0.1 } },
        ],
      },
      'no champion': { decision: { threshold: null, margin: 2 }, versions: [] },
    };
    for (const [name, { decision, versions }] of Object.entries(cases)) {
      const of = { siteId: site.id, baseModelId: model.id };
      const { id: scenarioId } = await prisma.scenario.create({ data: { ...of, name, decision, learning: {} } });
      let parentId: string | null = null;
      for (const [number, version] of versions.entries()) {
        const created: { id: string } = await prisma.modelVersion.create({
          data: { scenarioId, baseModelId: model.id, number, parentId, createdAt: new Date(), ...version },
        });
        parentId = created.id;
      }
      if (parentId) await prisma.alias.create({ data: { scenarioId, name: 'champion', versionId: parentId } });
    }
    const sql = new URL('../migrations/20261130010000_thresholds_by_version/migration.sql', import.meta.url);
    await prisma.$executeRaw`ALTER TABLE "ModelVersion" DROP COLUMN "distanceScale"`;
    await prisma.$executeRawUnsafe(await readFile(sql, 'utf8'));
    const after = await prisma.scenario.findMany({
      select: { name: true, decision: true, versions: { orderBy: { number: 'asc' }, select: { distanceScale: true } } },
    });
    const scales = (name: string) =>
      after
        .find((scenario) => scenario.name === name)!
        .versions.map(({ distanceScale }) => Number(distanceScale.toFixed(3)));
    expect(scales('its own')).toEqual([1, 1.333]);
    expect(scales('budget')).toEqual([1, 2, 3]);
    expect(Object.fromEntries(after.map(({ name, decision }) => [name, decision]))).toEqual({
      'by the model': { threshold: null, margin: 0.05, minProbes: 3 },
      'its own': { threshold: 0.675, margin: 0.0333 },
      // The champion's budget is not that of the scenario.
      budget: { threshold: null, falseAlarmsPerWeek: 1, margin: 0.0333 },
      'no champion': { threshold: null, margin: 2 },
    });
  });
});

describe('the hand-written SQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase(process.env);
  });
  afterAll(() => database?.close());

  it('has every table and column of the schema, with the nullability that the client assumes', async () => {
    const { prisma } = database;
    // A find with every scalar selected fails when a column is missing or of another type.
    const delegates = Object.entries(prisma).filter(
      (entry): entry is [string, { findMany: () => Promise<unknown[]> }] =>
        !entry[0].startsWith('$') && typeof (entry[1] as { findMany?: unknown } | null)?.findMany === 'function',
    );
    for (const [name, delegate] of delegates) expect(await delegate.findMany(), name).toEqual([]);
    expect(delegates.length).toBeGreaterThanOrEqual(25);
  });

  it('has every index of the schema', async () => {
    const schema = await readFile(new URL('../schema.prisma', import.meta.url), 'utf8');
    const named = [...schema.matchAll(/^model (\w+) \{(.*?)^\}/gms)].flatMap(([, model, body]) =>
      [...body!.matchAll(/@@index\(\[(.*)\]\)/g)].map(([, columns]) => {
        const names = columns!.split(',').map((column) => column.trim().replace(/\(.*/, ''));
        return `${model}_${names.join('_')}_idx`;
      }),
    );
    expect(named.length).toBeGreaterThan(40);
    const rows = await database.prisma.$queryRaw<{ indexname: string }[]>`SELECT indexname FROM pg_indexes`;
    const there = new Set(rows.map(({ indexname }) => indexname));
    expect(named.filter((name) => !there.has(name))).toEqual([]);
    // The live page asks for the last minute of its cameras, the versions' table for counts and the newest, retention for what is old.
    for (const columns of ['cameraId_lastSeen', 'versionId_firstSeen', 'receivedAt_cropSha256'])
      expect(named).toContain(`Event_${columns}_idx`);
  });
});
