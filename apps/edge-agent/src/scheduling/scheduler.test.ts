import { defaultSchedulingPolicy, type SchedulingPolicy } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { LoadMeter } from './load-meter.ts';
import { samplesOf } from './metrics-sampler.ts';
import { Scheduler } from './scheduler.ts';

function build() {
  let now = 0;
  let policy: SchedulingPolicy = { ...defaultSchedulingPolicy, rC: 10, alpha: 1 };
  const meter = new LoadMeter(1000, () => now);
  const scheduler = new Scheduler(() => policy, meter);
  return {
    meter,
    scheduler,
    advance: (milliseconds: number) => {
      now += milliseconds;
    },
    set: (change: Partial<SchedulingPolicy>) => {
      policy = { ...policy, ...change };
    },
  };
}

describe('LoadMeter', () => {
  it('counts the probes of all cameras per interval over the last second', () => {
    const { meter, advance } = build();
    for (let i = 0; i < 20; i++) {
      advance(100);
      meter.add(2);
      meter.add(1);
    }
    expect(meter.perInterval(100)).toBeCloseTo(3);
    advance(500);
    expect(meter.perInterval(100)).toBeCloseTo(1.5);
    advance(1000);
    expect(meter.perInterval(100)).toBe(0);
  });
});

describe('LoadMeter with a long interval', () => {
  it('sees all of an interval that is longer than its window, whoever else asks meanwhile', () => {
    const { meter, advance } = build();
    // Four cameras that sample together, every five seconds.
    for (let i = 0; i < 4; i++) {
      for (let camera = 0; camera < 4; camera++) meter.add(20);
      advance(2500);
      meter.perInterval(100);
      expect(meter.perInterval(5000)).toBeCloseTo(80);
      advance(2500);
    }
    expect(meter.perInterval(100)).toBe(0);
  });
});

describe('Scheduler', () => {
  it('does not train before it is measured', () => {
    expect(build().scheduler.decide()).toMatchObject({ batchSize: 0, nE: null, bMax: null });
  });

  it('gives training what recognition leaves, by Eq. 2, and follows alpha at once', () => {
    const { scheduler, meter, advance, set } = build();
    scheduler.calibrate({ probesPerSecond: 100 });
    scheduler.calibrate({ tripletsPerSecond: 200 });
    advance(1000);
    expect(scheduler.decide()).toMatchObject({ nE: 10, bMax: 20, batchSize: 20, load: 0 });
    meter.add(50);
    // 5 of 10 probes per interval: half of B_max is left.
    expect(scheduler.decide()).toMatchObject({ batchSize: 10, load: 5, utilisation: 0.5 });
    set({ alpha: 2 });
    expect(scheduler.decide().batchSize).toBe(0);
    set({ alpha: 0 });
    expect(scheduler.decide().batchSize).toBe(20);
  });

  it('covers several intervals at once where one has no room for a handful of triplets', () => {
    const { scheduler, meter, advance, set } = build();
    scheduler.calibrate({ probesPerSecond: 1000, tripletsPerSecond: 10 });
    advance(1000);
    meter.add(10);
    expect(scheduler.decide()).toMatchObject({ bMax: 1, intervals: 4, batchSize: 3 });
    expect(scheduler.decisionInterval).toBe(400);
    set({ rC: 1 });
    expect(scheduler.decide()).toMatchObject({ bMax: 10, intervals: 1, batchSize: 9 });
  });

  it('has room for one triplet however slow the edge is, as long as nobody is in view', () => {
    const { scheduler, set } = build();
    scheduler.calibrate({ probesPerSecond: 100, tripletsPerSecond: 0.15 });
    expect(scheduler.decide()).toMatchObject({ batchSize: 1 });
    expect(scheduler.decisionInterval).toBe(6700);
    set({ rC: 1 });
    expect(scheduler.decide()).toMatchObject({ batchSize: 1, intervals: 7 });
  });

  it('covers more of them while nobody is in view: larger calls are cheaper', () => {
    const { scheduler, set } = build();
    scheduler.calibrate({ probesPerSecond: 100, tripletsPerSecond: 20 });
    expect(scheduler.decide()).toMatchObject({ bMax: 2, intervals: 8, batchSize: 16 });
    set({ rC: 1 });
    expect(scheduler.decide()).toMatchObject({ bMax: 20, intervals: 1, batchSize: 20 });
  });
});

describe('samplesOf', () => {
  it('adds cameras up, and leaves out what is not known', () => {
    const { scheduler } = build();
    const samples = samplesOf({
      edgeId: 'edge',
      time: 5,
      seconds: 2,
      cameras: new Map([
        ['a', { frames: 10, framesDropped: 1, facesFound: 9, facesSent: 8, probes: 8, latency: 40 }],
        ['b', { frames: 4, framesDropped: 0, facesFound: 0, facesSent: 0, probes: 0, latency: null }],
      ]),
      scheduler: scheduler.decide(),
      trainingSteps: 3,
      queueDepth: 2,
      cpuSeconds: 1,
      memory: 1000,
      scenarios: new Map([['s', { tracks: 2, triplets: 30, cachedProbes: 40, cachedBytes: 5000 }]]),
    });
    const [edge, a, b, s] = samples.map(({ values }) => values);
    expect(edge).toEqual({
      probesPerSecond: 4,
      batch: 0,
      alpha: 1,
      trainingSteps: 3,
      queueDepth: 2,
      cpu: 0.5,
      memory: 1000,
    });
    expect(a).toMatchObject({ framesPerSecond: 5, framesDropped: 1, probesPerSecond: 4, latency: 40 });
    expect(b).not.toHaveProperty('latency');
    expect(s).toEqual({ tracks: 2, triplets: 30, cachedProbes: 40, cachedBytes: 5000 });
  });
});
