import { describe, expect, it } from 'vitest';
import { prepareBatchAndLoad, prepareLoss, prepareScores, prepareSpan } from './prepare-run.ts';

const point = (step: number, score: number | null = null) => ({
  step,
  time: step * 1000,
  loss: 1 / step,
  activeShare: 0.5,
  batch: 8,
  score,
});

describe('prepareRun', () => {
  it('draws scores only where they were measured', () => {
    expect(prepareScores([point(1), point(2, 0.9)])).toEqual([{ time: 2000, values: { score: 0.9 } }]);
    expect(prepareLoss([point(2)])).toEqual([{ time: 2000, values: { loss: 0.5, activeShare: 0.5 } }]);
  });

  it('merges batch and load in time order without inventing values', () => {
    const merged = prepareBatchAndLoad([point(1), point(3)], [{ time: 2000, values: { load: 0.4 } }]);
    expect(merged.map((p) => p.values)).toEqual([{ batch: 8 }, { load: 0.4 }, { batch: 8 }]);
  });

  it('spans a run from start to end, or to now while it runs', () => {
    expect(prepareSpan({ queuedAt: 0, startedAt: 5000, endedAt: 65_000 }, 99_000)).toEqual({ from: 5000, to: 65_000 });
    expect(prepareSpan({ queuedAt: 1000, startedAt: null, endedAt: null }, 31_000)).toEqual({ from: 1000, to: 31_000 });
    expect(prepareSpan({ queuedAt: 1000, startedAt: 1000, endedAt: 1500 }, 0)).toEqual({ from: 1000, to: 11_000 });
  });
});
