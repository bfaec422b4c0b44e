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
import type { aliasNames } from '../api/views.ts';
import { notFound } from '../services/actor.ts';
import { watched } from '../services/live-comparisons.ts';
import { storedThreshold } from '../services/served-threshold.ts';
import { consenting, peopleOf } from './edge-people.ts';

type AliasName = (typeof aliasNames)[number];

const file = { select: { sha256: true, bytes: true } } as const;
const include = {
  cameras: { where: { deletedAt: null }, orderBy: { id: 'asc' } },
} satisfies Prisma.EdgeServerInclude;
const versionInclude = { learnerFile: file } satisfies Prisma.ModelVersionInclude;
const scenarioInclude = {
  baseModel: { include: { recogniserFile: file } },
  galleries: { select: { galleryId: true }, orderBy: { galleryId: 'asc' } },
  aliases: {
    include: { version: { include: { ...versionInclude, comparisons: true, parent: { include: versionInclude } } } },
  },
} satisfies Prisma.ScenarioInclude;
type ScenarioRow = Prisma.ScenarioGetPayload<{ include: typeof scenarioInclude }>;
type VersionRow = Prisma.ModelVersionGetPayload<{ include: typeof versionInclude }>;

/** With the distance that it decides with on the base model of its scenario. */
function served(version: VersionRow, scenario: ScenarioRow): ServedVersion {
  const { id, number, learnerFile } = version;
  const { threshold, from } = storedThreshold(version, scenario);
  return { id, label: versionLabel(number), learner: learnerFile, threshold: from === 'base-model' ? null : threshold };
}

function toScenario(row: ScenarioRow): EdgeScenario {
  const decision = decisionPolicySchema.parse(row.decision);
  const version = (name: AliasName) => row.aliases.find((alias) => alias.name === name)?.version ?? null;
  const runnable = (found: VersionRow | null) =>
    found && found.baseModelId === row.baseModelId && found.retiredAt === null ? served(found, row) : null;
  const champion = version('champion');
  if (!champion) throw new Error(`Scenario ${row.id} has no champion`);
  return {
    id: row.id,
    name: row.name,
    baseModelId: row.baseModelId,
    champion: served(champion, row),
    previous: runnable(version('previous')),
    shadow: runnable(version('shadow')),
    parent: watched(champion) ? null : runnable(champion.parent),
    galleryIds: row.galleries.map(({ galleryId }) => galleryId),
    decision: { ...decision, threshold: null },
    learning: learningPolicySchema.parse(row.learning),
  };
}

/** Scenarios that a camera of the edge watches for. */
const servedBy = (edgeServerId: string) =>
  ({ cameras: { some: { edgeServerId, deletedAt: null } } }) satisfies Prisma.ScenarioWhereInput;

/**
 * Whether the configuration of the edge names a file: all that an edge may read. Asked for each file it fetches, so that
 * the thousands of crops are searched, not listed; `assembleEdgeConfig` says the same of what it lists.
 */
export async function edgeConfigNames(db: Db, edgeId: string, sha256: string): Promise<boolean> {
  const scenarios = servedBy(edgeId);
  const crop = await db.enrolmentCrop.findFirst({
    where: {
      cropSha256: sha256,
      baseModel: { scenarios: { some: scenarios } },
      image: {
        status: 'accepted',
        identity: {
          galleries: { some: { gallery: { scenarios: { some: { scenario: scenarios } } } } },
          ...consenting(),
        },
      },
    },
    select: { imageId: true },
  });
  if (crop) return true;
  const rows = await db.scenario.findMany({ where: scenarios, include: scenarioInclude });
  return rows.some((row) => {
    const { champion, previous, shadow, parent } = toScenario(row);
    const learners = [champion, previous, shadow, parent].map((version) => version?.learner?.sha256);
    return row.baseModel.recogniserFile.sha256 === sha256 || learners.includes(sha256);
  });
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
    identities: await peopleOf(db, { galleryIds: [...galleryIds], baseModelIds: [...baseModels.keys()] }),
  };
}
