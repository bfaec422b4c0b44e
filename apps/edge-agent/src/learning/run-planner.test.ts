import { defaultSchedulingPolicy } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { type PlanInput, shouldTrain } from './run-planner.ts';

const noon = new Date(2026, 0, 1, 12, 0);
const base: PlanInput = {
  learning: { enabled: true, autoPromote: true, minTriplets: 100, maxProbes: 1000 },
  policy: { ...defaultSchedulingPolicy, intervalMinutes: 60 },
  newTriplets: 100,
  lastRun: noon.getTime() - 30 * 60_000,
  now: noon,
};

describe('shouldTrain', () => {
  it.each<[string, boolean, Partial<PlanInput>]>([
    ['always-on with enough new triplets', true, {}],
    ['always-on with too few', false, { newTriplets: 99 }],
    ['learning switched off', false, { learning: { ...base.learning, enabled: false } }],
    ['mode off', false, { policy: { ...base.policy, mode: 'off' } }],
    ['quiet hours', false, { policy: { ...base.policy, quietHours: { from: '11:00', to: '13:00' } } }],
    ['outside quiet hours', true, { policy: { ...base.policy, quietHours: { from: '22:00', to: '06:00' } } }],
    ['periodic, too early', false, { policy: { ...base.policy, mode: 'periodic' } }],
    [
      'periodic, due, however few',
      true,
      { policy: { ...base.policy, mode: 'periodic', intervalMinutes: 30 }, newTriplets: 8 },
    ],
    [
      'periodic, due, but nothing to learn',
      false,
      { policy: { ...base.policy, mode: 'periodic', intervalMinutes: 30 }, newTriplets: 7 },
    ],
  ])('%s: %s', (_what, expected, change) => {
    expect(shouldTrain({ ...base, ...change })).toBe(expected);
  });
});
