import {
  decisionPolicySchema,
  type EdgeConfig,
  type EdgeScenario,
  learningPolicySchema,
  recogniserSpecSchema,
  type ServedVersion,
  schedulingPolicySchema,
} from '@saface/core';
import type { Db, Prisma } from '@saface/db';
import { versionLabel } from '@saface/db/repositories/versions';
import { notFound } from '../services/actor.ts';

const file = { select: { sha256: true, bytes: true } } as const;
const include = {
  cameras: { where: { deletedAt: null }, orderBy: { id: 'asc' } },
} satisfies Prisma.EdgeServerInclude;
const scenarioInclude = {
  baseModel: { include: { recogniserFile: file } },
  galleries: { select: { galleryId: true }, orderBy: { galleryId: 'asc' } },
  aliases: { include: { version: { include: { learnerFile: file } } } },
} satisfies Prisma.ScenarioInclude;
type ScenarioRow = Prisma.ScenarioGetPayload<{ include: typeof scenarioInclude }>;

function servedVersion(row: ScenarioRow, name: 'champion' | 'previous'): ServedVersion | null {
  const version = row.aliases.find((alias) => alias.name === name)?.version;
  if (!version) return null;
  const { id, number, learnerFile, threshold } = version;
  return { id, label: versionLabel(number), learner: learnerFile, threshold };
}

function toScenario(row: ScenarioRow): EdgeScenario {
  const champion = servedVersion(row, 'champion');
  if (!champion) throw new Error(`Scenario ${row.id} has no champion`);
  return {
    id: row.id,
    name: row.name,
    baseModelId: row.baseModelId,
    champion,
    previous: servedVersion(row, 'previous'),
    galleryIds: row.galleries.map(({ galleryId }) => galleryId),
    decision: decisionPolicySchema.parse(row.decision),
    learning: learningPolicySchema.parse(row.learning),
  };
}

/**
 * Everything an edge must know. Lists are in a fixed order and nothing in it is a time of writing, so that the same
 * content always has the same revision.
 */
export async function assembleEdgeConfig(db: Db, edgeId: string): Promise<EdgeConfig> {
  const edge = await db.edgeServer.findUnique({ where: { id: edgeId }, include });
  if (!edge) throw notFound('edge server');
  const scenarios = await db.scenario.findMany({
    where: { id: { in: edge.cameras.map(({ scenarioId }) => scenarioId) } },
    include: scenarioInclude,
    orderBy: { id: 'asc' },
  });
  const baseModels = new Map(scenarios.map(({ baseModel }) => [baseModel.id, baseModel]));
  const galleryIds = new Set(scenarios.flatMap(({ galleries }) => galleries.map(({ galleryId }) => galleryId)));
  return {
    edgeId,
    name: edge.name,
    siteId: edge.siteId,
    policy: schedulingPolicySchema.parse(edge.policy),
    baseModels: [...baseModels.values()]
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .map(({ id, recogniser, recogniserFile }) => ({
        id,
        recogniser: recogniserSpecSchema.parse(recogniser),
        recogniserArtifact: recogniserFile,
      })),
    scenarios: scenarios.map(toScenario),
    cameras: edge.cameras.map(({ id, name, scenarioId, ingestKeySha256 }) => ({
      id,
      name,
      scenarioId,
      ingestKeySha256,
    })),
    identities: await identitiesOf(db, { galleryIds: [...galleryIds], baseModelIds: [...baseModels.keys()] }),
  };
}

/** People with at least one usable crop for a base model of this edge, whose consent has not run out. */
async function identitiesOf(
  db: Db,
  { galleryIds, baseModelIds }: { galleryIds: string[]; baseModelIds: string[] },
): Promise<EdgeConfig['identities']> {
  const usable = { baseModelId: { in: baseModelIds }, cropSha256: { not: null } };
  const rows = await db.identity.findMany({
    where: {
      galleries: { some: { galleryId: { in: galleryIds } } },
      images: { some: { status: 'accepted', crops: { some: usable } } },
      OR: [{ consentExpiresAt: null }, { consentExpiresAt: { gt: new Date() } }],
    },
    select: {
      id: true,
      name: true,
      galleries: {
        where: { galleryId: { in: galleryIds } },
        select: { galleryId: true },
        orderBy: { galleryId: 'asc' },
      },
      images: {
        where: { status: 'accepted' },
        select: {
          crops: { where: usable, select: { baseModelId: true, crop: file }, orderBy: { baseModelId: 'asc' } },
        },
        orderBy: { id: 'asc' },
      },
    },
    orderBy: { id: 'asc' },
  });
  return rows.map(({ id, name, galleries, images }) => ({
    id,
    name,
    galleryIds: galleries.map(({ galleryId }) => galleryId),
    crops: images.flatMap(({ crops }) =>
      crops.flatMap(({ baseModelId, crop }) => (crop ? { ...crop, baseModelId } : [])),
    ),
  }));
}
