import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenarioNames, scenarios } from './scenarios.ts';
import { castOf } from './stage.ts';
import { planVisits } from './visits.ts';
import { createWalk } from './walk.ts';

const seconds = 60;

function walksOf(name: (typeof scenarioNames)[number], seed: number) {
  const cast = castOf(name, seed);
  return planVisits(scenarios[name], cast.length, { seed, seconds }).map((visit) => {
    const person = cast[visit.person];
    if (person === undefined) throw new Error('visit of nobody');
    return { visit, walk: createWalk(scenarios[name], person, visit) };
  });
}

describe.each(scenarioNames)('visits to the %s', (name) => {
  it('bring everybody several times, and again in the last sixth for long enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const walks = walksOf(name, seed);
        for (let person = 0; person < 10; person++) {
          const mine = walks.filter(({ visit }) => visit.person === person);
          expect(mine.filter(({ visit }) => visit.start < 50).length).toBeGreaterThanOrEqual(3);
          const late = mine.map(({ visit, walk }) => Math.min(seconds, walk.end) - Math.max(50, visit.start));
          expect(late.reduce((sum, time) => sum + Math.max(0, time), 0)).toBeGreaterThan(2.5);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('never have one person in two places, and never empty the scene for long', () => {
    for (let seed = 0; seed < 20; seed++) {
      const walks = walksOf(name, seed);
      for (let t = 1; t < seconds; t += 0.5) {
        const present = walks.filter(({ visit, walk }) => visit.start <= t && t < walk.end);
        expect(new Set(present.map(({ visit }) => visit.person)).size).toBe(present.length);
        expect(present.length).toBeGreaterThanOrEqual(1);
        expect(present.length).toBeLessThanOrEqual(10);
      }
    }
  });

  it('move smoothly: nobody jumps or spins between frames', () => {
    for (const { visit, walk } of walksOf(name, 3)) {
      let before = walk.at(visit.start);
      for (let t = visit.start; t < walk.end; t += 1 / 12) {
        const now = walk.at(t);
        expect(Math.hypot(now.x - before.x, now.z - before.z)).toBeLessThan(0.12);
        expect(Math.abs(now.pose.yaw - before.pose.yaw)).toBeLessThan(0.3);
        before = now;
      }
    }
  });
});
