import type { LossPoint } from '@saface/core/agents/report';
import type { SeriesPoint } from '../../components/charts/prepare-time-series.ts';

/** Loss and active share over time. */
export function prepareLoss(points: readonly LossPoint[]): SeriesPoint<'loss' | 'activeShare'>[] {
  return points.map((p) => ({ time: p.time, values: { loss: p.loss, activeShare: p.activeShare } }));
}

/** Label-free accuracy, where it was measured. */
export function prepareScores(points: readonly LossPoint[]): SeriesPoint<'score'>[] {
  return points.flatMap((p) => (p.score === null ? [] : [{ time: p.time, values: { score: p.score } }]));
}

/**
 * B_t as the trainer saw it beside the load as the edge measured it, on one time axis. They are measured at different moments,
 * so each point carries one of them.
 */
export function prepareBatchAndLoad(
  points: readonly LossPoint[],
  load: readonly SeriesPoint<'load'>[],
): SeriesPoint<'batch' | 'load'>[] {
  return [
    ...points.map((p) => ({ time: p.time, values: { batch: p.batch } })),
    ...load.map((p) => ({ time: p.time, values: { load: p.values.load } })),
  ].sort((a, b) => a.time - b.time);
}

export interface RunSpan {
  from: number;
  to: number;
}

/** The time axis of a run: from its start, or the moment it was queued, to its end, or now. At least ten seconds. */
export function prepareSpan(
  run: { queuedAt: number; startedAt: number | null; endedAt: number | null },
  now: number,
): RunSpan {
  const from = run.startedAt ?? run.queuedAt;
  const to = run.endedAt ?? Math.max(now, from);
  return { from, to: Math.max(to, from + 10_000) };
}
