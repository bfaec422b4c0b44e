import { defaultSchedulingPolicy, learningPolicySchema, schedulingPolicySchema } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { mustRest, type PlanInput, shouldTrain, whyObsolete } from './run-planner.ts';

const noon = new Date(2026, 0, 1, 12, 0);
/** As it was stored before a scenario could choose. */
const oldLearning = { enabled: true, autoPromote: true, minTriplets: 100, maxProbes: 1000 };
const base: PlanInput = {
  learning: learningPolicySchema.parse(oldLearning),
  policy: { ...defaultSchedulingPolicy, intervalMinutes: 60 },
  newTriplets: 100,
  lastRun: noon.getTime() - 30 * 60_000,
  now: noon,
};
const midday = { from: '11:00', to: '13:00' };
const night = { from: '22:00', to: '06:00' };

describe('shouldTrain', () => {
  const edge = (change: Partial<PlanInput['policy']>) => ({ policy: { ...base.policy, ...change } });
  const own = (change: Partial<PlanInput['learning']>) => ({ learning: { ...base.learning, ...change } });
  it.each<[string, boolean, Partial<PlanInput>]>([
    ['always-on with enough new triplets', true, {}],
    ['always-on with too few', false, { newTriplets: 99 }],
    ['learning switched off', false, own({ enabled: false })],
    ['the edge is off', false, edge({ mode: 'off' })],
    ['quiet hours of the edge', false, edge({ quietHours: midday })],
    ['outside quiet hours of the edge', true, edge({ quietHours: night })],
    ['the edge is periodic, too early', false, edge({ mode: 'periodic' })],
    [
      'the edge is periodic, due, however few',
      true,
      { ...edge({ mode: 'periodic', intervalMinutes: 30 }), newTriplets: 8 },
    ],
    [
      'periodic, due, but nothing to learn',
      false,
      { ...edge({ mode: 'periodic', intervalMinutes: 30 }), newTriplets: 7 },
    ],
    ['the scenario is periodic on an always-on edge, too early', false, own({ mode: 'periodic', intervalMinutes: 31 })],
    ['the scenario is periodic on an always-on edge, due', true, own({ mode: 'periodic', intervalMinutes: 30 })],
    [
      'the interval is the scenario’s own',
      true,
      { ...own({ mode: 'periodic', intervalMinutes: 30 }), ...edge({ mode: 'periodic', intervalMinutes: 600 }) },
    ],
    [
      'the scenario is always-on on a periodic edge',
      true,
      { ...own({ mode: 'always-on' }), ...edge({ mode: 'periodic' }) },
    ],
    [
      'an edge that is off trains nothing, whatever the scenario asks for',
      false,
      { ...own({ mode: 'always-on' }), ...edge({ mode: 'off' }) },
    ],
    ['quiet hours of the scenario', false, own({ quietHours: midday })],
    ['quiet hours of the scenario elsewhere in the day', true, own({ quietHours: night })],
    ['quiet hours of both: either holds', false, { ...own({ quietHours: night }), ...edge({ quietHours: midday }) }],
  ])('%s: %s', (_what, expected, change) => {
    expect(shouldTrain({ ...base, ...change })).toBe(expected);
  });

  it('takes up what was stored before scenarios could choose', () => {
    expect(base.learning).toEqual({
      ...oldLearning,
      mode: 'as-edge',
      intervalMinutes: 60,
      shadowTracks: 20,
      quietHours: null,
    });
    expect(schedulingPolicySchema.parse(defaultSchedulingPolicy)).toEqual(defaultSchedulingPolicy);
  });

  it('lets only the runs of a quiet scenario rest', () => {
    expect(mustRest({ ...base.learning, quietHours: midday }, base.policy, noon)).toBe(true);
    expect(mustRest(base.learning, base.policy, noon)).toBe(false);
  });
});

describe('whyObsolete', () => {
  it('tells a scenario that is gone or has moved from one that still waits', () => {
    const run = { baseModelId: 'old', identityIds: [], enrolledIds: [] };
    const nobody = () => false;
    expect(whyObsolete(run, { baseModelId: 'old' }, nobody)).toBeNull();
    expect(whyObsolete(run, { baseModelId: 'new' }, nobody)).toContain('another base model');
    expect(whyObsolete(run, null, nobody)).toContain('left this edge');
  });

  it('tells a run that holds tracks or enrolled faces of somebody who was erased', () => {
    const run = { baseModelId: 'base', identityIds: ['ann'], enrolledIds: ['bob'] };
    const why = (erased: string) => whyObsolete(run, { baseModelId: 'base' }, (id) => id === erased);
    expect(why('ann')).toContain('tracks');
    expect(why('bob')).toContain('enrolled pictures');
    expect(why('eve')).toBeNull();
  });
});
