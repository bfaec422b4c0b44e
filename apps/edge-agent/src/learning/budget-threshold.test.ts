import { buildLearningSet, createRandom, type ProbeObservation } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { type BudgetInput, budgetThreshold } from './budget-threshold.ts';

const MINUTE = 60_000;
const box = { x: 0, y: 0, width: 10, height: 10 };

/** Pairs of people who meet once, a minute apart; embeddings of dimension 2 that make strangers 1 to 2 apart, or `near` for everybody. */
function meetings(
  count: number,
  near?: number,
): Pick<BudgetInput, 'set' | 'arrivals' | 'embeddings' | 'dimension' | 'metric'> {
  const random = createRandom(5);
  const observations: ProbeObservation[] = [];
  const embeddings: number[] = [];
  for (let m = 0; m < count; m++) {
    const apart = near ?? 1 + random();
    for (let f = 0; f < 12; f++) {
      for (const person of [0, 1]) {
        const frame = 100 * m + f;
        const seen = { trackKey: `${2 * m + person}`, frame, time: MINUTE * m, quality: 1, box };
        observations.push({ ...seen, frameKey: `${frame}` });
        embeddings.push(person * apart, 0);
      }
    }
  }
  const set = buildLearningSet(observations);
  const arrivals = set.probes.map(({ time }) => time);
  const inOrder = set.probes.flatMap(({ row }) => embeddings.slice(2 * row, 2 * row + 2));
  return { set, arrivals, embeddings: Float32Array.from(inOrder), dimension: 2, metric: 'euclidean' };
}

const asked = (alarmsPerWeek: number | null) => ({ alarmsPerWeek, gallerySize: 2, cameras: 1 });

describe('the threshold that the edge places', () => {
  it('names one stranger in twenty where nobody has set a budget', () => {
    const found = budgetThreshold({ ...meetings(200), ...asked(null) });
    expect(found).toMatchObject({ certainty: 'measured', falseMatchRate: 0.025, alarmsAtMost: null });
    // Strangers are 1 to 2 apart, evenly.
    expect(found!.threshold).toBeGreaterThan(1.005);
    expect(found!.threshold).toBeLessThan(1.06);
    expect(found!.explanation).toContain('one stranger in 20');
  });

  it('waits for a hundred pairs where nobody has asked, and for twenty where somebody has', () => {
    expect(budgetThreshold({ ...meetings(49), ...asked(null) })).toBeNull();
    expect(budgetThreshold({ ...meetings(50), ...asked(null) })).not.toBeNull();
    expect(budgetThreshold({ ...meetings(9), ...asked(1) })).toBeNull();
    expect(budgetThreshold({ ...meetings(10), ...asked(1) })).not.toBeNull();
  });

  it('keeps a budget with fewer names, and as few as without one where it cannot be kept', () => {
    const seen = meetings(200);
    const usual = budgetThreshold({ ...seen, ...asked(null) })!;
    const kept = budgetThreshold({ ...seen, ...asked(20) })!;
    expect(kept.threshold).toBeLessThan(usual.threshold);
    expect(kept.threshold).toBeGreaterThan(0);
    const hopeless = budgetThreshold({ ...seen, ...asked(1e-30) })!;
    expect(hopeless.threshold).toBe(usual.threshold);
    expect(hopeless).toMatchObject({ certainty: 'unknown', explanation: expect.stringContaining('Until then') });
  });

  it('is no distance at all where different people look all the same', () => {
    expect(budgetThreshold({ ...meetings(200, 0), ...asked(null) })!.threshold).toBe(0);
  });
});
