import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../image.ts';
import { ShotChangeDetector } from './shot-change.ts';

function picture(value: (x: number, y: number) => number, width = 96, height = 72): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.fill(value(x, y), (y * width + x) * 3, (y * width + x) * 3 + 3);
  return { width, height, data };
}

describe('ShotChangeDetector', () => {
  const stripes = (x: number) => (x % 48 < 24 ? 40 : 200);

  it('takes the first frame, a walking person and a lamp for the same shot', () => {
    const shots = new ShotChangeDetector();
    expect(shots.isNewShot(picture(stripes))).toBe(false);
    const person = (at: number) => picture((x, y) => (x >= at && x < at + 14 && y > 20 ? 120 : stripes(x)));
    for (let at = 0; at < 60; at += 10) expect(shots.isNewShot(person(at))).toBe(false);
    expect(shots.isNewShot(picture((x) => stripes(x) + 50))).toBe(false);
  });

  it('notices another picture, also of another size', () => {
    const shots = new ShotChangeDetector();
    shots.isNewShot(picture(stripes));
    expect(shots.isNewShot(picture((_, y) => (y < 36 ? 220 : 20)))).toBe(true);
    expect(shots.isNewShot(picture((x) => 220 - x, 200, 160))).toBe(true);
  });
});
