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

  it.each<[string, boolean, Partial<PlanInput>, boolean]>([
    ['quiet hours', true, own({ quietHours: midday }), false],
    ['quiet hours, though a person asked for it', true, own({ quietHours: midday }), true],
    ['no quiet hours', false, {}, false],
    ['the edge was switched off', true, edge({ mode: 'off' }), false],
    ['the edge is off, but a person asked for it', false, edge({ mode: 'off' }), true],
  ])('lets a run rest, %s: %s', (_what, expected, change, asked) => {
    expect(mustRest({ asked }, { ...base, ...change })).toBe(expected);
  });
});

describe('whyObsolete', () => {
  const { learning } = base;
  const scenario = { baseModelId: 'base', learning };
  const now = noon.getTime();
  const run = { baseModelId: 'base', identityIds: [], enrolledIds: [], to: now, queuedAt: now };
  const days = (count: number) => count * 24 * 3_600_000;
  const nobody = { isErased: () => false, now: noon };

  it('tells a scenario that is gone, has moved or learns no more from one that still waits', () => {
    expect(whyObsolete(run, scenario, nobody)).toBeNull();
    expect(whyObsolete(run, { ...scenario, baseModelId: 'new' }, nobody)).toContain('another base model');
    expect(whyObsolete(run, { ...scenario, learning: { ...learning, enabled: false } }, nobody)).toContain('off');
    expect(whyObsolete(run, null, nobody)).toContain('left this edge');
  });

  it.each<[string, boolean, Partial<typeof run>]>([
    ['seen 29 days ago', false, { to: now - days(29), queuedAt: now - days(29) }],
    ['seen 31 days ago', true, { to: now - days(31), queuedAt: now }],
    ['by a camera whose clock was never set', false, { to: days(1) }],
    ['by such a camera, and 31 days ago at the least', true, { to: days(1), queuedAt: now - days(31) }],
    ['by a camera and an edge whose clocks were never set', false, { to: days(1), queuedAt: days(1) }],
  ])('keeps no faces longer than tracks are kept, %s: %s', (_what, old, times) => {
    const why = whyObsolete({ ...run, ...times }, scenario, nobody);
    if (old) expect(why).toContain('older than 30 days');
    else expect(why).toBeNull();
  });

  it('tells a run that holds tracks or enrolled faces of somebody who was erased', () => {
    const of = { ...run, identityIds: ['ann'], enrolledIds: ['bob'] };
    const why = (erased: string) => whyObsolete(of, scenario, { ...nobody, isErased: (id) => id === erased });
    expect(why('ann')).toContain('tracks');
    expect(why('bob')).toContain('enrolled pictures');
    expect(why('eve')).toBeNull();
  });
});
