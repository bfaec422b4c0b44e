import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeLabels } from './place-labels.ts';

const bounds = { width: 640, height: 480 };
const size = { bounds, height: 18, gap: 1 };

describe('placeLabels', () => {
  it('puts a label above its box, and below where there is no room above', () => {
    const boxes = [
      { x: 100, y: 100, width: 40, height: 40 },
      { x: 300, y: 5, width: 40, height: 40 },
    ];
    expect(
      placeLabels(
        boxes.map((box) => ({ box, width: 90 })),
        size,
      ),
    ).toEqual([
      { x: 100, y: 81, width: 90, height: 18 },
      { x: 300, y: 46, width: 90, height: 18 },
    ]);
  });

  it('lets no two of a crowd lie over each other while there is room', () => {
    const crowd = Array.from({ length: 6 }, (_, i) => ({ x: 200 + 30 * i, y: 200 + 7 * i, width: 26, height: 30 }));
    const labels = placeLabels(
      crowd.map((box) => ({ box, width: 90 })),
      size,
    );
    for (const [i, a] of labels.entries())
      for (const b of labels.slice(i + 1))
        expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y).toBe(
          true,
        );
  });

  it('keeps every label in the picture, wherever the box is', () => {
    const number = (max: number) => fc.integer({ min: -20, max });
    const box = fc.record({
      x: number(640),
      y: number(480),
      width: fc.integer({ min: 1, max: 700 }),
      height: fc.integer({ min: 1, max: 500 }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.record({ box, width: fc.integer({ min: 20, max: 300 }) }), { maxLength: 30 }),
        (faces) => {
          const labels = placeLabels(faces, size);
          expect(labels).toHaveLength(faces.length);
          for (const { x, y, width, height } of labels) {
            expect(x).toBeGreaterThanOrEqual(0);
            expect(y).toBeGreaterThanOrEqual(0);
            expect(x + width).toBeLessThanOrEqual(bounds.width);
            expect(y + height).toBeLessThanOrEqual(bounds.height);
          }
        },
      ),
    );
  });
});
