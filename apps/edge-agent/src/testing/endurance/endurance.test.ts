import { createRandom } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { type Claim, checkDay, type HourRow, slopeOf } from './checks.ts';
import { Crowd, dayHour, drawLight, REGULARS } from './day.ts';

const setting = { people: 24, mostInView: 6 };
const day = Array.from({ length: 24 }, (_, hour) => dayHour(hour, setting));

describe('the simulated day', () => {
  it('is busy by day and quiet by night', () => {
    expect(day[12]!.inView).toBeCloseTo(6);
    expect(Math.max(...day.slice(0, 5).map(({ inView }) => inView))).toBeLessThan(1);
    expect(day[12]!.inView / day[3]!.inView).toBeGreaterThan(10);
  });

  it('turns from one light to the next, all shares together always one', () => {
    expect(day[2]!.light.night).toBe(1);
    expect(day[12]!.light.noon).toBe(1);
    expect(day[17]!.light.evening).toBeGreaterThan(0.8);
    expect(day[19]!.light.evening).toBeGreaterThan(day[20]!.light.evening);
    for (const { light } of day) expect(Object.values(light).reduce((a, b) => a + b, 0)).toBeCloseTo(1);
  });

  it('draws looks as their shares say', () => {
    const random = createRandom(1);
    const drawn = Array.from({ length: 400 }, () => drawLight(day[9]!, random));
    const share = drawn.filter((light) => light === 'noon').length / 400;
    expect(share).toBeCloseTo(day[9]!.light.noon, 1);
    expect(drawn).not.toContain('night');
  });

  it('brings newcomers, who leave again, while the regulars stay', () => {
    expect(day[0]!.present).toEqual(Array.from({ length: REGULARS }, (_, i) => i));
    expect(day[12]!.present.length).toBeGreaterThan(day[6]!.present.length);
    expect(day[23]!.present).not.toContain(REGULARS);
    expect(dayHour(25, setting).inView).toBe(day[1]!.inView);
  });
});

describe('the crowd', () => {
  it('shows nobody twice at once, ends every track once, and fills with the load', () => {
    const crowd = new Crowd(3);
    const ended = new Set<number>();
    const inView = (hour: number) => {
      let sum = 0;
      for (let frame = 0; frame < 600; frame++) {
        const { visitors, ended: over } = crowd.advance(day[hour]!);
        expect(new Set(visitors.map(({ person }) => person)).size).toBe(visitors.length);
        for (const id of over) {
          expect(ended.has(id)).toBe(false);
          ended.add(id);
        }
        sum += visitors.length;
      }
      return sum / 600;
    };
    expect(inView(12)).toBeGreaterThan(3);
    expect(inView(3)).toBeLessThan(1.2);
    expect(ended.size).toBeGreaterThan(40);
  });
});

const limits = { warmUp: 6, memoryGrowth: 0.15, maxProbes: 1000, probeBytes: 1000, noise: 0.005 };

function row(hour: number, change: Partial<HourRow> = {}): HourRow {
  const load = day[hour]!.inView / 10;
  return {
    hour,
    inView: day[hour]!.inView,
    newcomers: 0,
    frames: 200,
    probes: 300,
    load,
    batch: 10 * (1 - load),
    batchShare: 1 - load,
    trainingSteps: 20,
    version: 'v1',
    promotions: hour === 9 ? 1 : 0,
    refusals: hour === 15 ? 1 : 0,
    accuracy: { base: 0.9, served: 0.93, difference: { value: 0.03, low: 0.01, high: 0.05 }, probes: 100 },
    named: { right: 5, wrong: 0, unknown: 3 },
    memory: { edge: 400e6 + 4e6 * (hour % 3), trainer: 0 },
    disk: { total: 3e6, tracks: 1e6, runs: 1e6, trackFiles: 20 },
    ...change,
  };
}

const good = Array.from({ length: 24 }, (_, hour) => row(hour));
const failing = (rows: readonly HourRow[]): Claim['claim'][] =>
  checkDay(rows, limits).flatMap(({ claim, passed }) => (passed ? [] : [claim]));

describe('the checks of a day', () => {
  it('pass a day as it should be, with the figures', () => {
    expect(failing(good)).toEqual([]);
    const [accuracy] = checkDay(good, limits);
    expect(accuracy!.figures).toEqual({ hours: 24, minDifference: 0.03, meanDifference: expect.closeTo(0.03, 6) });
  });

  it('notice a single hour in which the served version was worse than the base', () => {
    const difference = { value: -0.02, low: -0.03, high: -0.01 };
    const rigged = good.map((r) => (r.hour === 14 ? row(14, { accuracy: { ...r.accuracy!, difference } }) : r));
    expect(failing(rigged)).toEqual(['accuracy']);
    expect(checkDay(rigged, limits)[0]!.detail).toContain('hour 14');
    const noisy = { value: -0.02, low: -0.06, high: 0.02 };
    expect(
      failing(good.map((r) => (r.hour === 14 ? row(14, { accuracy: { ...r.accuracy!, difference: noisy } }) : r))),
    ).toEqual([]);
    expect(failing(good.map((r) => ({ ...r, accuracy: null })))).toEqual(['accuracy']);
  });

  it('notice memory that leaks', () => {
    const leaking = good.map((r) => row(r.hour, { memory: { edge: 400e6 + 8e6 * r.hour, trainer: 0 } }));
    expect(failing(leaking)).toEqual(['memory']);
    expect(failing(good.slice(0, 7))).toContain('memory');
    const late = leaking.map((r) => ({ ...r, promotions: r.hour === 20 ? 1 : 0 }));
    expect(failing(late)).toEqual(['memory']);
  });

  it('notice a disk that fills: by tracks beyond their bound, or by anything else', () => {
    const disk = good[0]!.disk;
    expect(failing(good.map((r) => row(r.hour, { disk: { ...disk, tracks: 2e6 } })))).toEqual(['disk']);
    expect(failing(good.map((r) => row(r.hour, { disk: { ...disk, total: 3e6 + 3e5 * r.hour } })))).toEqual(['disk']);
  });

  it('notice a store that was never full, a batch that ignores the load, and no learning', () => {
    expect(failing(good.map((r) => row(r.hour, { probes: 50 })))).toEqual(['eviction']);
    expect(failing(good.map((r) => row(r.hour, { batchShare: 1 })))).toEqual(['scheduling']);
    expect(failing(good.map((r) => row(r.hour, { promotions: 0, refusals: 0 })))).toEqual(['learning']);
  });
});

describe('slopeOf', () => {
  it('is that of a line, whatever lies around it', () => {
    expect(
      slopeOf([
        [0, 1],
        [1, 3],
        [2, 5],
      ]),
    ).toBeCloseTo(2);
    expect(
      slopeOf([
        [0, 1],
        [1, 3],
      ]),
    ).toBeNull();
  });
});
