import type { Point, RgbImage } from '@saface/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignFace, applySimilarity, fitSimilarity, invertSimilarity, type Similarity, warp } from './alignment.ts';
import { meanFaceTemplate } from './mean-face.ts';

const template = meanFaceTemplate(150, 0.25);

const similarity = fc
  .record({
    scale: fc.double({ min: 0.1, max: 8, noNaN: true }),
    angle: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
    tx: fc.double({ min: -500, max: 500, noNaN: true }),
    ty: fc.double({ min: -500, max: 500, noNaN: true }),
  })
  .map(({ scale, angle, tx, ty }): Similarity => ({ a: scale * Math.cos(angle), b: scale * Math.sin(angle), tx, ty }));

describe('fitSimilarity', () => {
  it('finds any rotation, scale and shift again', () => {
    fc.assert(
      fc.property(similarity, (t) => {
        const found = fitSimilarity(
          template,
          template.map((p) => applySimilarity(t, p)),
        );
        for (const key of ['a', 'b', 'tx', 'ty'] as const) expect(found[key]).toBeCloseTo(t[key], 5);
      }),
    );
  });

  it('has no smaller error nearby: least squares, also for points that no similarity carries over exactly', () => {
    const point = fc.record({
      x: fc.double({ min: 0, max: 200, noNaN: true }),
      y: fc.double({ min: 0, max: 200, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 5, maxLength: 5 }), (to) => {
        const best = fitSimilarity(template, to);
        const least = squaredError(best, to);
        for (const change of [
          { a: 1e-3 },
          { a: -1e-3 },
          { b: 1e-3 },
          { b: -1e-3 },
          { tx: 0.1 },
          { tx: -0.1 },
          { ty: 0.1 },
          { ty: -0.1 },
        ]) {
          const moved = { ...best };
          for (const [key, by] of Object.entries(change)) moved[key as keyof Similarity] += by;
          expect(squaredError(moved, to)).toBeGreaterThanOrEqual(least);
        }
      }),
    );
  });

  it('refuses landmarks that coincide, and unequal counts', () => {
    expect(() => fitSimilarity(Array(5).fill({ x: 3, y: 4 }), template)).toThrow(/coincide/);
    expect(() => fitSimilarity(template.slice(1), template)).toThrow(/4 points to 5/);
  });

  it('is undone by its inverse', () => {
    fc.assert(
      fc.property(similarity, (t) => {
        const back = applySimilarity(invertSimilarity(t), applySimilarity(t, { x: 12, y: -7 }));
        expect(back.x).toBeCloseTo(12, 6);
        expect(back.y).toBeCloseTo(-7, 6);
      }),
    );
  });
});

describe('warp', () => {
  it('copies pixels exactly under the identity, and shows black outside the picture', () => {
    const image = picture(20, 20, (x, y) => [x * 10, y * 10, 7]);
    const same = warp(image, { a: 1, b: 0, tx: 0, ty: 0 }, 20);
    expect(same.data).toEqual(image.data);
    const beyond = warp(image, { a: 1, b: 0, tx: 100, ty: 0 }, 20);
    expect(beyond.data.every((value) => value === 0)).toBe(true);
  });

  it('averages when it shrinks: a fine checkerboard becomes grey, not a moire of black and white', () => {
    const image = picture(120, 120, (x, y) => ((x + y) % 2 ? [255, 255, 255] : [0, 0, 0]));
    const small = warp(image, { a: 4, b: 0, tx: 0, ty: 0 }, 30);
    for (const value of small.data) expect(Math.abs(value - 128)).toBeLessThan(40);
  });
});

describe('alignFace', () => {
  it('brings each landmark onto the template, wherever and however tilted the face is', () => {
    const t: Similarity = { a: 0.7, b: 0.35, tx: 130, ty: 40 };
    const landmarks = template.map((p) => applySimilarity(t, p));
    const image = picture(320, 260, (x, y) => {
      const near = landmarks.some((p) => Math.hypot(x + 0.5 - p.x, y + 0.5 - p.y) < 3);
      return near ? [255, 255, 255] : [0, 0, 0];
    });
    const crop = alignFace(image, landmarks, { size: 150, template });
    for (const p of template) expect(crop.data[(Math.floor(p.y) * 150 + Math.floor(p.x)) * 3]).toBeGreaterThan(200);
    expect(crop.data[0]).toBe(0);
  });
});

function squaredError(t: Similarity, to: readonly Point[]): number {
  return template.reduce((sum, p, i) => {
    const q = applySimilarity(t, p);
    return sum + (q.x - to[i]!.x) ** 2 + (q.y - to[i]!.y) ** 2;
  }, 0);
}

function picture(width: number, height: number, colour: (x: number, y: number) => number[]): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(colour(x, y), (y * width + x) * 3);
  return { width, height, data };
}
