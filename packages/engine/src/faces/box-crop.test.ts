import type { RgbImage } from '@saface/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignProbe, noLandmarks } from './alignment.ts';
import { cropBox } from './box-crop.ts';
import { assessFace } from './quality.ts';

/** Red rises to the right, green downwards, a pixel a step. */
function ramp(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set([x, y, 7], (y * width + x) * 3);
  return { width, height, data };
}

describe('cropBox', () => {
  it('gives back the pixels of a box of its own size', () => {
    const crop = cropBox(ramp(40, 30), { x: 5, y: 8, width: 4, height: 4 }, 4);
    expect([...crop.data.subarray(0, 6)]).toEqual([5, 8, 7, 6, 8, 7]);
    expect([...crop.data.subarray(-3)]).toEqual([8, 11, 7]);
  });

  it('stretches the box over the square, each axis for itself, without a shift', () => {
    fc.assert(
      fc.property(
        fc.record({
          x: fc.double({ min: 5, max: 60, noNaN: true }),
          y: fc.double({ min: 5, max: 60, noNaN: true }),
          width: fc.double({ min: 4, max: 100, noNaN: true }),
          height: fc.double({ min: 4, max: 100, noNaN: true }),
        }),
        fc.integer({ min: 2, max: 24 }),
        (box, size) => {
          const { data } = cropBox(ramp(200, 200), box, size);
          for (const [column, row] of [
            [0, 0],
            [size - 1, 0],
            [size - 1, size - 1],
          ] as const) {
            const at = (row * size + column) * 3;
            expect(Math.abs(data[at]! - (box.x + ((column + 0.5) / size) * box.width - 0.5))).toBeLessThan(1.01);
            expect(Math.abs(data[at + 1]! - (box.y + ((row + 0.5) / size) * box.height - 0.5))).toBeLessThan(1.01);
          }
        },
      ),
    );
  });

  it('is black outside the picture and refuses an empty box', () => {
    const image: RgbImage = { width: 10, height: 10, data: new Uint8Array(300).fill(200) };
    const crop = cropBox(image, { x: -10, y: 0, width: 20, height: 10 }, 10);
    expect(crop.data[0]).toBe(0);
    expect(crop.data[9 * 3]).toBe(200);
    expect(() => cropBox(image, { x: 1, y: 1, width: 0, height: 4 }, 8)).toThrow(/0x4 pixels/);
  });
});

describe('probes of a recogniser without landmarks', () => {
  it('are cut by their box, and rated by what can be measured of them', async () => {
    const image = ramp(100, 100);
    for (let i = 0; i < image.data.length; i += 6) image.data[i] = (i * 7919) % 256;
    const [person] = await noLandmarks.landmark(image, [{ box: { x: 10, y: 10, width: 30, height: 80 }, score: 0.9 }]);
    expect(person!.landmarks).toEqual([]);
    const crop = alignProbe(image, person!, { size: 32, crop: 'box' });
    expect(crop).toEqual(cropBox(image, person!.box, 32));
    const { measures, quality, reasons } = assessFace(person!, crop);
    expect(measures.frontality).toBeNull();
    expect(reasons).not.toContain('turned-away');
    expect(quality).toBeGreaterThan(0);
  });
});
