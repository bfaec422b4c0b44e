import type { Prisma } from '@saface/db';
import { versionLabel } from '@saface/db/repositories/versions';
import type { EvaluationView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';

export const evaluationInclude = {
  version: { select: { number: true, scenario: { select: { id: true, name: true } } } },
} satisfies Prisma.EvaluationInclude;

export const toEvaluationView = ({
  version,
  createdAt,
  ...row
}: Prisma.EvaluationGetPayload<{ include: typeof evaluationInclude }>): EvaluationView => ({
  ...row,
  versionLabel: versionLabel(version.number),
  scenario: version.scenario,
  createdAt: createdAt.getTime(),
});

export async function listEvaluations(
  { prisma }: ServiceContext,
  { scenarioId, versionId }: { scenarioId?: string | undefined; versionId?: string | undefined },
) {
  const rows = await prisma.evaluation.findMany({
    where: { ...(versionId && { versionId }), ...(scenarioId && { version: { scenarioId } }) },
    include: evaluationInclude,
    orderBy: { createdAt: 'desc' },
    take: 500,
  });
  return rows.map(toEvaluationView);
}

export interface EvaluationRecord {
  readonly versionId: string;
  readonly dataset: string;
  readonly source: string;
  readonly accuracy: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly tarAtFar1e2: number;
  readonly eer: number | null;
  readonly genuine: number;
  readonly impostor: number;
}

export function recordEvaluation(ctx: ServiceContext, input: EvaluationRecord) {
  return audited(ctx, async (tx) => {
    if (!(await tx.modelVersion.findUnique({ where: { id: input.versionId } }))) throw notFound('version');
    const { id } = await tx.evaluation.create({ data: { ...input, createdBy: ctx.actor.name } });
    return {
      value: { id },
      record: { action: 'evaluation.record', subjectKind: 'version', subjectId: input.versionId, data: { ...input } },
    };
  });
}
