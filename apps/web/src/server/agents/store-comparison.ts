import { SafaceError, type ShadowReport, type ThresholdReport, type WatchReport } from '@saface/core';
import type { Prisma } from '@saface/db';
import { takeShadowReport, takeWatchReport } from '../services/live-comparisons.ts';
import type { ItemContext } from './push.ts';
import { requireScenario } from './push-scope.ts';

export async function storeShadowReport({ tx, scope }: ItemContext, report: ShadowReport): Promise<void> {
  requireScenario(scope, report.scenarioId);
  await takeShadowReport(tx, report);
}

export async function storeWatchReport({ tx, scope }: ItemContext, report: WatchReport): Promise<void> {
  requireScenario(scope, report.scenarioId);
  await takeWatchReport(tx, report);
}

/** The newest of each version counts; the edge's configuration carries it from now on. */
export async function storeThresholdReport({ tx, scope }: ItemContext, report: ThresholdReport): Promise<void> {
  requireScenario(scope, report.scenarioId);
  const { count } = await tx.modelVersion.updateMany({
    where: { id: report.versionId, scenarioId: report.scenarioId },
    data: { budget: report as unknown as Prisma.InputJsonObject },
  });
  if (count === 0)
    throw new SafaceError('not-found', `There is no version ${report.versionId}`, 'It may have been deleted.');
}
