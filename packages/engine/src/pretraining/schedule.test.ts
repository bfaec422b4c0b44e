import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRateAt, type Schedule } from './schedule.ts';

const schedule: Schedule = { kind: 'cosine', learningRate: 0.1, warmUp: 0.1, drops: [0.5, 0.8] };

describe('the learning rate', () => {
  it('rises over the warm-up and falls along half a wave', () => {
    const rates = [0, 4, 9, 55, 99].map((step) => learningRateAt(schedule, step, 100));
    expect(rates[0]).toBeCloseTo(0.01);
    expect(rates[1]).toBeCloseTo(0.05);
    expect(rates[2]).toBeCloseTo(0.1);
    expect(rates[3]).toBeCloseTo(0.05);
    expect(rates[4]).toBeLessThan(0.001);
  });

  it('falls to a tenth at each drop', () => {
    const at = (step: number) => learningRateAt({ ...schedule, kind: 'steps' }, step, 100);
    expect([at(49), at(50), at(80)].map((rate) => Number(rate.toFixed(6)))).toEqual([0.1, 0.01, 0.001]);
  });

  it('is never above what was asked for, nor below 0', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, warmUp) => {
        for (const kind of ['cosine', 'steps'] as const)
          for (let step = 0; step < steps; step++) {
            const rate = learningRateAt({ ...schedule, kind, warmUp }, step, steps);
            expect(rate).toBeGreaterThanOrEqual(0);
            expect(rate).toBeLessThanOrEqual(0.1 + 1e-12);
          }
      }),
      { numRuns: 20 },
    );
  });
});
