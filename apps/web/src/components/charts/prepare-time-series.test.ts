import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareTimeSeries } from './prepare-time-series.ts';

const point = (time: number, load?: number | null) => ({ time, values: { load } });

describe('prepareTimeSeries', () => {
  it('keeps an unmeasured figure empty instead of zero', () => {
    const { rows } = prepareTimeSeries({ points: [point(0, 1), point(10), point(20, 3)], keys: ['load'], maxGap: 60 });
    expect(rows.map((r) => r.load)).toEqual([1, null, 3]);
  });

  it('breaks the line where nothing came for longer than the gap', () => {
    const { rows } = prepareTimeSeries({ points: [point(0, 1), point(100, 2)], keys: ['load'], maxGap: 50 });
    expect(rows).toEqual([
      { time: 0, load: 1 },
      { time: 50, load: null },
      { time: 100, load: 2 },
    ]);
  });

  it('does not break at exactly the gap', () => {
    const { rows } = prepareTimeSeries({ points: [point(0, 1), point(50, 2)], keys: ['load'], maxGap: 50 });
    expect(rows).toHaveLength(2);
  });

  it('sorts, and tells the newest measured value of each key', () => {
    const { rows, latest } = prepareTimeSeries({
      points: [point(20, null), point(10, 5), point(0, 4)],
      keys: ['load'],
      maxGap: 60,
    });
    expect(rows.map((r) => r.time)).toEqual([0, 10, 20]);
    expect(latest).toEqual({ load: 5 });
  });

  it('takes NaN and infinity for not measured', () => {
    const points = [point(0, Number.NaN), point(1, Number.POSITIVE_INFINITY)];
    expect(prepareTimeSeries({ points, keys: ['load'], maxGap: 9 }).rows.map((r) => r.load)).toEqual([null, null]);
  });

  it('has nothing to say about nothing', () => {
    expect(prepareTimeSeries({ points: [], keys: ['load'], maxGap: 9 })).toEqual({ rows: [], latest: { load: null } });
  });

  it('thins to at most the asked rows, inside the range of the data, in time order', () => {
    const samples = fc.array(
      fc.record({ time: fc.integer({ min: 0, max: 1e6 }), load: fc.double({ min: -5, max: 5, noNaN: true }) }),
      {
        maxLength: 300,
      },
    );
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 50 }), (raw, maxRows) => {
        const points = raw.map((s) => point(s.time, s.load));
        const { rows } = prepareTimeSeries({ points, keys: ['load'], maxGap: Number.POSITIVE_INFINITY, maxRows });
        expect(rows.length).toBeLessThanOrEqual(Math.max(maxRows, 0));
        const low = Math.min(...raw.map((s) => s.load));
        const high = Math.max(...raw.map((s) => s.load));
        for (const [i, row] of rows.entries()) {
          expect(row.load).toBeGreaterThanOrEqual(low - 1e-9);
          expect(row.load).toBeLessThanOrEqual(high + 1e-9);
          if (i > 0) expect(row.time).toBeGreaterThanOrEqual(rows[i - 1].time);
        }
      }),
    );
  });
});
