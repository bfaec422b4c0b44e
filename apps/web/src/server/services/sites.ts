import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';

export async function listSites({ prisma }: ServiceContext) {
  const sites = await prisma.site.findMany({
    orderBy: { name: 'asc' },
    include: { _count: { select: { cameras: { where: { deletedAt: null } }, edges: true, scenarios: true } } },
  });
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
    const { count } = await tx.site.updateMany({ where: { id }, data });
    if (count === 0) throw notFound('site');
    return { value: { id }, record: { action: 'site.update', subjectKind: 'site', subjectId: id, data } };
  });
}
