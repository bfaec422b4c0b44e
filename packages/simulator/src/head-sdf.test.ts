import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headDistance } from './head-sdf.ts';
import { shapeHead } from './head-shape.ts';
import { createPopulation } from './person.ts';

const heads = createPopulation(3, 16).map((person) => shapeHead(person));
const anyHead = fc.constantFrom(...heads);
const coordinate = fc.double({ min: -3, max: 3, noNaN: true });

describe('the distance field of a head', () => {
  it('is negative inside the skull and positive away from it', () => {
    for (const head of heads) {
      expect(headDistance(head, 0, 0.1, 0)).toBeLessThan(-0.3);
      expect(headDistance(head, 0, -1.2, -0.15)).toBeLessThan(0);
      expect(headDistance(head, 0, 0, 2.2)).toBeGreaterThan(0.5);
      expect(headDistance(head, 2.5, 0, 0)).toBeGreaterThan(0.5);
    }
  });

  it('is finite everywhere and never claims more room than there is to the far side of the head', () => {
    fc.assert(
      fc.property(anyHead, coordinate, coordinate, coordinate, (head, x, y, z) => {
        const d = headDistance(head, x, y, z);
        expect(Number.isFinite(d)).toBe(true);
        // (0, 0.1, 0) is inside, so the surface is nearer than that point.
        expect(d).toBeLessThanOrEqual(Math.hypot(x, y - 0.1, z) + 1e-9);
      }),
    );
  });

  it('lets no ray jump over the nose: it falls steadily on the way to the tip', () => {
    for (const head of heads) {
      for (let z = 1.6; z > head.noseZ; z -= 0.02) {
        const room = z - (head.noseZ - 0.05);
        expect(headDistance(head, 0, head.noseTipY, z)).toBeLessThanOrEqual(room);
      }
    }
  });

  it('lies within the capsule that rays are bounded by', () => {
    fc.assert(
      fc.property(anyHead, coordinate, coordinate, coordinate, (head, x, y, z) => {
        const beyond = Math.abs(y + 0.225) - 0.525;
        const bound = Math.hypot(x, Math.max(0, beyond), z + 0.1) - head.boundRadius;
        fc.pre(bound > 0.16);
        expect(headDistance(head, x, y, z)).toBeCloseTo(bound, 9);
      }),
    );
  });

  it('changes with what the face does', () => {
    const [person] = createPopulation(3, 1);
    if (person === undefined) throw new Error('no person');
    const open = shapeHead(person, { blink: 0, smile: 0, gazeX: 0, gazeY: 0 });
    const shut = shapeHead(person, { blink: 1, smile: 0, gazeX: 0, gazeY: 0 });
    expect(shut.eyeGap).toBe(0);
    expect(open.eyeGap).toBeGreaterThan(0);
    expect(shapeHead(person, { blink: 0, smile: 1, gazeX: 0, gazeY: 0 }).mouthCornerY).toBeGreaterThan(
      open.mouthCornerY,
    );
  });
});
