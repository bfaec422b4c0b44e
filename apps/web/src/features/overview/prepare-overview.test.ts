import { describe, expect, it } from 'vitest';
import { prepareErrorCut, prepareTotals } from './prepare-overview.ts';

const site = (
  probesPerSecond: number | null,
  scenarios: { accuracy: number | null; baseAccuracy: number | null }[] = [],
) => ({
  cameras: { up: 1, total: 2 },
  edges: { up: 1, total: 1 },
  probesPerSecond,
  recognised: 3,
  unknown: 4,
  trainingRunning: 1,
  scenarios,
});

describe('prepareTotals', () => {
  it('adds sites up', () => {
    expect(prepareTotals([site(1.5), site(2)])).toMatchObject({
      cameras: { up: 2, total: 4 },
      probesPerSecond: 3.5,
      recognised: 6,
      trainingRunning: 2,
    });
  });

  it('does not take a site that measured nothing for a silent one', () => {
    expect(prepareTotals([site(null)]).probesPerSecond).toBeNull();
    expect(prepareTotals([site(null), site(2)]).probesPerSecond).toBe(2);
  });
});

describe('prepareErrorCut', () => {
  it('compares errors over scenarios that have both figures', () => {
    const cut = prepareErrorCut([
      site(1, [
        { accuracy: 0.98, baseAccuracy: 0.96 },
        { accuracy: 0.5, baseAccuracy: null },
      ]),
    ]);
    expect(cut?.base).toBeCloseTo(0.04);
    expect(cut?.now).toBeCloseTo(0.02);
    expect(cut?.cut).toBeCloseTo(0.5);
  });

  it('says nothing without figures', () => {
    expect(prepareErrorCut([site(1)])).toBeNull();
  });
});
