import type { RouterOutputs } from '@/lib/trpc/types';
import type { SeriesPoint } from '../../components/charts/prepare-time-series.ts';

type Run = Pick<RouterOutputs['pretraining']['get'], 'points' | 'createdAt' | 'startedAt' | 'endedAt'>;

export interface PretrainingCurve {
  readonly curve: SeriesPoint<'loss' | 'heldOut'>[];
  readonly lastLoss: number | null;
  readonly bestHeldOut: number | null;
  /** The time axis: at least ten seconds. */
  readonly from: number;
  readonly to: number;
}

export function preparePretraining({ points, createdAt, startedAt, endedAt }: Run, now: number): PretrainingCurve {
  const heldOut = points.flatMap((point) => point.heldOut ?? []);
  const from = startedAt ?? createdAt;
  return {
    curve: points.map((point) => ({
      time: point.time,
      values: { loss: point.loss, ...(point.heldOut !== null && { heldOut: point.heldOut }) },
    })),
    lastLoss: points[points.length - 1]?.loss ?? null,
    bestHeldOut: heldOut.length > 0 ? Math.max(...heldOut) : null,
    from,
    to: Math.max(endedAt ?? now, from + 10_000),
  };
}
