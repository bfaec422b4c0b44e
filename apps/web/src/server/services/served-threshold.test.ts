import type { DecisionPolicy, ThresholdReport } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { servedThreshold } from './served-threshold.ts';

const policy: DecisionPolicy = { threshold: null, falseAlarmsPerWeek: 1, margin: 0.05, minProbes: 3, minQuality: 0.2 };
const budget = { alarmsPerWeek: 1, threshold: 0.31 } as ThresholdReport;
/** Nobody has set a budget. */
const unasked = { alarmsPerWeek: null, threshold: 0.31 } as ThresholdReport;
const version = { applies: true, budget, threshold: 0.55, distanceScale: 1, baseThreshold: 0.6 };

describe('the threshold that is served', () => {
  it('is an operator’s own, else that of the budget, else the version’s, else the base model’s', () => {
    expect(servedThreshold(version, { ...policy, threshold: 0.4 })).toEqual({ threshold: 0.4, from: 'operator' });
    expect(servedThreshold(version, policy)).toEqual({ threshold: 0.31, from: 'budget' });
    expect(servedThreshold({ ...version, budget: null }, policy)).toEqual({ threshold: 0.55, from: 'version' });
    const base = { ...version, budget: null, threshold: null };
    expect(servedThreshold(base, policy)).toEqual({ threshold: 0.6, from: 'base-model' });
  });

  it('counts an operator’s own on the scale of each version', () => {
    const longer = { ...version, distanceScale: 1.75 };
    expect(servedThreshold(longer, { ...policy, threshold: 0.4 }).threshold).toBeCloseTo(0.7);
    expect(servedThreshold(longer, policy).threshold).toBe(0.31);
  });

  it('is not that of another budget, nor of one that could not be kept', () => {
    const own = { threshold: 0.55, from: 'version' };
    expect(servedThreshold(version, { ...policy, falseAlarmsPerWeek: 5 })).toEqual(own);
    expect(servedThreshold(version, { ...policy, falseAlarmsPerWeek: null })).toEqual(own);
    expect(servedThreshold({ ...version, budget: { ...budget, threshold: 0 } }, policy)).toEqual(own);
  });

  it('without a budget is what names few strangers, where the version’s own or the base model’s would name more', () => {
    const free = { ...policy, falseAlarmsPerWeek: null };
    const seen = { ...version, budget: unasked };
    expect(servedThreshold(seen, free)).toEqual({ threshold: 0.31, from: 'strangers' });
    expect(servedThreshold({ ...seen, threshold: null }, free)).toEqual({ threshold: 0.31, from: 'strangers' });
    // Its own follows what its parent decided with, perhaps placed too strictly from too little.
    expect(servedThreshold({ ...seen, threshold: 0.3 }, free)).toEqual({ threshold: 0.31, from: 'strangers' });
    const loose = { ...seen, budget: { ...unasked, threshold: 0.7 } };
    expect(servedThreshold(loose, free)).toEqual({ threshold: 0.55, from: 'version' });
    expect(servedThreshold({ ...loose, distanceScale: 1.5 }, free)).toEqual({ threshold: 0.7, from: 'strangers' });
    // Until the edge has placed one for the budget.
    expect(servedThreshold(seen, policy)).toEqual({ threshold: 0.31, from: 'strangers' });
    expect(servedThreshold(seen, { ...free, threshold: 0.4 })).toEqual({ threshold: 0.4, from: 'operator' });
  });

  it('is no distance under another base model', () => {
    const elsewhere = servedThreshold({ ...version, applies: false, budget: null }, { ...policy, threshold: 0.4 });
    expect(elsewhere).toEqual({ threshold: 0.55, from: 'version' });
  });
});
