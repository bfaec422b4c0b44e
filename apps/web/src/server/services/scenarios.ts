import {
  type DecisionPolicy,
  decisionPolicySchema,
  type LearningPolicy,
  learningPolicySchema,
  recogniserSpecSchema,
  SafaceError,
  scheduleOf,
  schedulingPolicySchema,
} from '@saface/core';
import type { Db, Prisma } from '@saface/db';
import { versionRef } from '@saface/db/repositories/versions';
import type { aliasNames, ScenarioView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';
import { findMove } from './base-model-moves.ts';

const ref = { select: { id: true, name: true } } as const;
const include = {
  site: ref,
  baseModel: true,
  galleries: { select: { gallery: ref }, orderBy: { gallery: { name: 'asc' } } },
  cameras: {
    where: { deletedAt: null },
    select: { id: true, name: true, edge: { select: { id: true, name: true, policy: true } } },
    orderBy: { name: 'asc' },
  },
  aliases: { include: { version: { select: { id: true, number: true, distanceScale: true } } } },
  _count: { select: { versions: true } },
} satisfies Prisma.ScenarioInclude;

function toView(row: Prisma.ScenarioGetPayload<{ include: typeof include }>): ScenarioView {
  const { metric, defaultThreshold } = recogniserSpecSchema.parse(row.baseModel.recogniser);
  const learning = learningPolicySchema.parse(row.learning);
  const edges = new Map(row.cameras.flatMap(({ edge }) => (edge ? [[edge.id, edge] as const] : [])));
  const alias = (name: (typeof aliasNames)[number]) => {
    const found = row.aliases.find((entry) => entry.name === name);
    return found ? versionRef(found.version) : null;
  };
  return {
    id: row.id,
    name: row.name,
    site: row.site,
    baseModel: { id: row.baseModel.id, name: row.baseModel.name, metric, defaultThreshold },
    galleries: row.galleries.map(({ gallery }) => gallery),
    cameras: row.cameras.map(({ id, name }) => ({ id, name })),
    decision: decisionPolicySchema.parse(row.decision),
    learning,
    schedules: [...edges.values()].map(({ id, name, policy }) => ({
      edge: { id, name },
      ...scheduleOf(learning, schedulingPolicySchema.parse(policy)),
    })),
    aliases: {
      champion: alias('champion'),
      candidate: alias('candidate'),
      shadow: alias('shadow'),
      previous: alias('previous'),
    },
    distanceScale: row.aliases.find(({ name }) => name === 'champion')?.version.distanceScale ?? 1,
    versions: row._count.versions,
  };
}

export async function listScenarios({ prisma }: ServiceContext, { siteId }: { siteId?: string | undefined }) {
  const rows = await prisma.scenario.findMany({
    where: siteId ? { siteId } : {},
    include,
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
  });
  return rows.map(toView);
}

export async function getScenario({ prisma }: ServiceContext, { id }: { id: string }) {
  const row = await prisma.scenario.findUnique({ where: { id }, include });
  if (!row) throw notFound('scenario');
  return { ...toView(row), move: await findMove({ prisma }, id) };
}

interface ScenarioPolicies {
  readonly galleryIds: readonly string[];
  readonly decision: DecisionPolicy;
  readonly learning: LearningPolicy;
}

const links = (galleryIds: readonly string[]) => [...new Set(galleryIds)].map((galleryId) => ({ galleryId }));

async function checkGalleries(tx: Db, galleryIds: readonly string[]): Promise<void> {
  const unique = new Set(galleryIds);
  if ((await tx.gallery.count({ where: { id: { in: [...unique] } } })) !== unique.size) throw notFound('gallery');
}

/** A new scenario starts with the base model as version 0 and champion. */
export function createScenario(
  ctx: ServiceContext,
  { galleryIds, ...data }: ScenarioPolicies & { siteId: string; name: string; baseModelId: string },
) {
  return audited(ctx, async (tx) => {
    if (!(await tx.site.findUnique({ where: { id: data.siteId } }))) throw notFound('site');
    if (!(await tx.baseModel.findUnique({ where: { id: data.baseModelId } }))) throw notFound('base model');
    await checkGalleries(tx, galleryIds);
    const { id } = await tx.scenario.create({ data: { ...data, galleries: { create: links(galleryIds) } } });
    const version = await tx.modelVersion.create({
      data: { scenarioId: id, baseModelId: data.baseModelId, number: 0, createdAt: new Date() },
    });
    await tx.alias.create({ data: { scenarioId: id, name: 'champion', versionId: version.id } });
    await tx.deployment.create({
      data: {
        scenarioId: id,
        kind: 'initial',
        toVersionId: version.id,
        actorName: ctx.actor.name,
        reason: 'The scenario starts with the base model',
      },
    });
    return {
      value: { id },
      record: { action: 'scenario.create', subjectKind: 'scenario', subjectId: id, data: { ...data, galleryIds } },
    };
  });
}

export function renameScenario(ctx: ServiceContext, { id, name }: { id: string; name: string }) {
  return audited(ctx, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${id} FOR UPDATE`;
    const scenario = await tx.scenario.findUnique({ where: { id } });
    if (!scenario) throw notFound('scenario');
    await tx.scenario.update({ where: { id }, data: { name } });
    const data = { name, before: { name: scenario.name } };
    return { value: { id }, record: { action: 'scenario.rename', subjectKind: 'scenario', subjectId: id, data } };
  });
}

/** @param baseModelId what the scenario was on when its policies were opened: a threshold is a distance under it */
export function updateScenario(
  ctx: ServiceContext,
  { id, baseModelId, galleryIds, ...data }: ScenarioPolicies & { id: string; baseModelId: string },
) {
  return audited(ctx, async (tx) => {
    await tx.$executeRaw`SELECT 1 FROM "Scenario" WHERE "id" = ${id} FOR UPDATE`;
    const scenario = await tx.scenario.findUnique({ where: { id }, include: { baseModel: true } });
    if (!scenario) throw notFound('scenario');
    if (scenario.baseModelId !== baseModelId)
      throw new SafaceError(
        'conflict',
        `The scenario is on ${scenario.baseModel.name} now, and these policies are from before`,
        'Reload the page, look at the threshold, and make your changes again.',
      );
    await checkGalleries(tx, galleryIds);
    await tx.scenario.update({
      where: { id },
      data: { ...data, galleries: { deleteMany: {}, create: links(galleryIds) } },
    });
    return {
      value: { id },
      record: { action: 'scenario.update', subjectKind: 'scenario', subjectId: id, data: { ...data, galleryIds } },
    };
  });
}
