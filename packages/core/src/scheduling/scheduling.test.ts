import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkCapacity, inQuietHours, trainingBatch } from './eq2.ts';
import { defaultSchedulingPolicy, schedulingPolicySchema } from './policy.ts';
import { alphaForEqualSpeed, replay, whatIf } from './what-if.ts';

const positive = fc.double({ min: 0.1, max: 500, noNaN: true });
const load = fc.double({ min: 0, max: 1000, noNaN: true });
const alpha = fc.double({ min: 0, max: 10, noNaN: true });
const anything = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1));

describe('scheduling policy', () => {
  it('accepts its own default and says what to do about a wrong alpha', () => {
    expect(schedulingPolicySchema.parse(defaultSchedulingPolicy)).toEqual(defaultSchedulingPolicy);
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, '1']) {
      const result = schedulingPolicySchema.safeParse({ ...defaultSchedulingPolicy, alpha: wrong });
      expect(result.success).toBe(false);
      expect(z.prettifyError(result.error!)).toMatch(/alpha must be .*0 ignores the load/);
    }
  });

  it('knows quiet hours, also across midnight', () => {
    const night = { from: '22:00', to: '06:00' };
    expect([21 * 60, 22 * 60, 0, 5 * 60 + 59, 6 * 60].map((m) => inQuietHours(night, m))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(inQuietHours({ from: '08:00', to: '18:00' }, 12 * 60)).toBe(true);
    expect(inQuietHours({ from: '08:00', to: '08:00' }, 3)).toBe(true);
    expect(inQuietHours(null, 0)).toBe(false);
  });
});

describe('Eq. 1', () => {
  it('compares what one interval can hold with what a crowd needs, and says how to fit', () => {
    const policy = { rC: 25, nC: 4, npMax: 8 };
    expect(checkCapacity(policy, 40)).toMatchObject({ satisfied: true, headroom: 8 });
    const short = checkCapacity(policy, 16);
    expect(short).toMatchObject({ satisfied: false, headroom: -16 });
    expect(short.explanation).toMatch(/at most 2 of them, or sample at 12.5 frames per second/);
    expect(checkCapacity(policy, 4).explanation).toMatch(/faster edge/);
    expect(checkCapacity(policy, null)).toMatchObject({ satisfied: false, headroom: null });
  });
});

describe('Eq. 2', () => {
  it('is the paper’s formula, in whole triplets', () => {
    expect(trainingBatch({ alpha: 1, load: 5, nE: 10, bMax: 40 })).toMatchObject({ batchSize: 20, utilisation: 0.5 });
    expect(trainingBatch({ alpha: 1.5, load: 5, nE: 10, bMax: 40 }).batchSize).toBe(10);
    expect(trainingBatch({ alpha: 1, load: 0, nE: 10, bMax: 40 }).explanation).toMatch(/^Full batch of 40/);
    expect(trainingBatch({ alpha: 2, load: 5, nE: 10, bMax: 40 }).explanation).toMatch(
      /gives all of it to recognition/,
    );
    expect(trainingBatch({ alpha: 1, load: 1, nE: 10, bMax: 1 }).explanation).toMatch(/less than one triplet/);
    expect(trainingBatch({ alpha: 1, load: 5, nE: 10, bMax: 0.5, intervals: 10 }).batchSize).toBe(2);
  });

  it('stays within 0 and B_max and never rises with load or alpha', () => {
    fc.assert(
      fc.property(load, load, alpha, alpha, positive, positive, (l1, l2, a1, a2, nE, bMax) => {
        const at = (l: number, a: number) => trainingBatch({ load: l, alpha: a, nE, bMax }).batchSize;
        for (const b of [at(l1, a1), at(l2, a2)]) {
          expect(b).toBeGreaterThanOrEqual(0);
          expect(b).toBeLessThanOrEqual(bMax);
          expect(Number.isInteger(b)).toBe(true);
        }
        expect(at(Math.max(l1, l2), a1)).toBeLessThanOrEqual(at(Math.min(l1, l2), a1));
        expect(at(l1, Math.max(a1, a2))).toBeLessThanOrEqual(at(l1, Math.min(a1, a2)));
      }),
    );
  });

  it('trains nothing on input that is not known, whatever it is', () => {
    fc.assert(
      fc.property(anything, anything, anything, anything, (l, a, nE, bMax) => {
        const { batchSize, explanation } = trainingBatch({ load: l, alpha: a, nE, bMax });
        expect(Number.isInteger(batchSize)).toBe(true);
        expect(explanation.length).toBeGreaterThan(10);
        const known = [l, a, nE, bMax].every((v) => Number.isFinite(v) && v >= 0);
        if (!known) expect(batchSize).toBe(0);
      }),
    );
    expect(trainingBatch({ load: 1, alpha: 1, nE: null, bMax: 4 })).toMatchObject({ batchSize: 0, utilisation: null });
  });
});

describe('what-if', () => {
  const day = { loads: [0, 2, 8, 10, 4, Number.NaN], nE: 10, bMax: 40, alpha: 1 };

  it('replays Eq. 2 over a recorded load', () => {
    expect(replay(day)).toMatchObject({ batchSizes: [40, 32, 8, 0, 24, 0], triplets: 104, pausedShare: 2 / 6 });
    const { then, explanation } = whatIf(day, 2);
    expect(then.batchSizes).toEqual([40, 24, 0, 0, 8, 0]);
    expect(explanation).toBe(
      'With alpha 2 this load would have trained 31 % fewer triplets, pausing in 50 % of intervals instead of 33 %.',
    );
    expect(replay({ ...day, loads: [] }).meanBatch).toBe(0);
  });

  it('finds the alpha of equal training speed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10 }), { minLength: 5, maxLength: 40 }),
        fc.integer({ min: 1, max: 39 }),
        (loads, fixed) => {
          const input = { loads, nE: 10, bMax: 40 };
          const found = alphaForEqualSpeed(input, fixed);
          expect(found).not.toBeNull();
          const at = (a: number) => replay({ ...input, alpha: a }).triplets;
          expect(at(found!)).toBeGreaterThanOrEqual(fixed * loads.length);
          // Any more alpha would train less than the fixed batch, unless no alpha can slow an idle edge.
          if (loads.some((l) => l > 0) && found! < 1000) {
            expect(at(found! + 1e-6)).toBeLessThanOrEqual(Math.max(fixed * loads.length, at(found!)));
          }
        },
      ),
    );
    expect(alphaForEqualSpeed({ loads: [0, 5], nE: 10, bMax: 40 }, 41)).toBeNull();
  });
});
