import { SafaceError } from '@saface/core';
import type { Prisma } from '@saface/db';
import { describeContents } from '../../lib/describe-contents.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';

const include = {
  _count: { select: { cameras: { where: { deletedAt: null } }, edges: true, scenarios: true } },
} satisfies Prisma.SiteInclude;

export async function listSites({ prisma }: ServiceContext) {
  const sites = await prisma.site.findMany({ orderBy: { name: 'asc' }, include });
  return sites.map(({ _count, createdAt, ...site }) => ({ ...site, createdAt: createdAt.getTime(), ..._count }));
}

export function createSite(ctx: ServiceContext, input: { name: string; timeZone: string }) {
  return audited(ctx, async (tx) => {
    const { id } = await tx.site.create({ data: input });
    return { value: { id }, record: { action: 'site.create', subjectKind: 'site', subjectId: id, data: input } };
  });
}

export function updateSite(ctx: ServiceContext, { id, ...data }: { id: string; name: string; timeZone: string }) {
  return audited(ctx, async (tx) => {
    const { name, timeZone } = await lockSite(tx, id);
    await tx.site.update({ where: { id }, data });
    return {
      value: { id },
      record: {
        action: 'site.update',
        subjectKind: 'site',
        subjectId: id,
        data: { ...data, before: { name, timeZone } },
      },
    };
  });
}

/** Only an empty one: cameras, edges and scenarios each have their own way out, and say what goes with them. */
export function deleteSite(ctx: ServiceContext, { id }: { id: string }) {
  return audited(ctx, async (tx) => {
    const { name, timeZone, _count } = await lockSite(tx, id);
    const contents = describeContents(_count);
    if (contents)
      throw new SafaceError(
        'conflict',
        `${name} still has ${contents}`,
        'Delete its cameras and edges under Fleet, and its scenarios under Scenarios, first.',
      );
    await tx.site.delete({ where: { id } });
    return {
      value: { id },
      record: { action: 'site.delete', subjectKind: 'site', subjectId: id, data: { name, timeZone } },
    };
  });
}

async function lockSite(tx: Prisma.TransactionClient, id: string) {
  await tx.$executeRaw`SELECT 1 FROM "Site" WHERE "id" = ${id} FOR UPDATE`;
  const site = await tx.site.findUnique({ where: { id }, include });
  if (!site) throw notFound('site');
  return site;
}
