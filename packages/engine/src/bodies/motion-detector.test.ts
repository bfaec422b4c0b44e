import { createRandom, iou, type RgbImage } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { findBlobs, joinedUpright } from './blobs.ts';
import { MotionDetector } from './motion-detector.ts';

const [width, height] = [320, 180];
const random = createRandom(5);
const ground = Uint8Array.from({ length: width * height }, () => 90 + 60 * random());

interface Walker {
  readonly x: number;
  readonly y?: number;
  readonly wide?: number;
  readonly colour?: readonly [number, number, number];
}

const boxOf = ({ x, y = 60, wide = 30 }: Walker) => ({ x, y, width: wide, height: 80 });

/** A textured yard with sensor noise under a light of `light`, and people as upright boxes of one colour. */
function picture(walkers: readonly Walker[], light = 1): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const walker = walkers.find((w) => {
      const box = boxOf(w);
      return x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
    });
    const colour = walker ? (walker.colour ?? [200, 40, 40]) : [ground[pixel]!, ground[pixel]!, ground[pixel]!];
    for (let i = 0; i < 3; i++)
      data[pixel * 3 + i] = Math.min(255, Math.max(0, colour[i]! * light + 8 * (random() - 0.5)));
  }
  return { width, height, data };
}

async function settled(): Promise<MotionDetector> {
  const detector = new MotionDetector();
  for (let i = 0; i < 10; i++) await detector.detect(picture([]));
  return detector;
}

describe('MotionDetector', () => {
  it('finds people who walk in, each by their own box, and nobody in an empty yard', async () => {
    const detector = await settled();
    expect(await detector.detect(picture([]))).toEqual([]);
    for (let i = 0; i < 20; i++) {
      const walkers = [{ x: 20 + 5 * i }, { x: 280 - 6 * i, colour: [30, 60, 160] as const }];
      const found = await detector.detect(picture(walkers));
      const apart = Math.abs(walkers[0]!.x - walkers[1]!.x) > 40;
      if (!apart) continue;
      expect(found).toHaveLength(2);
      for (const walker of walkers)
        expect(Math.max(...found.map(({ box }) => iou(box, boxOf(walker))))).toBeGreaterThan(0.7);
    }
  });

  it('takes passing clouds for light, not for people', async () => {
    const detector = await settled();
    for (let i = 0; i < 60; i++) {
      const light = 1 - 0.35 * Math.sin((i / 60) * Math.PI);
      const found = await detector.detect(picture([{ x: 20 + 4 * i }], light));
      expect(found).toHaveLength(1);
    }
  });

  it('leaves out what is too wide for one body, and starts over when the whole picture changes', async () => {
    const detector = await settled();
    expect(await detector.detect(picture([{ x: 100, wide: 75 }]))).toEqual([]);
    expect(await detector.detect(picture([{ x: 100 }], 0.3))).toEqual([]);
    for (let i = 0; i < 5; i++) await detector.detect(picture([], 0.3));
    expect(await detector.detect(picture([{ x: 100 }], 0.3))).toHaveLength(1);
  });
});

describe('blobs', () => {
  it('joins legs to the body above them, and nothing that stands beside it', () => {
    const body = { left: 10, right: 30, top: 0, bottom: 40, pixels: 500 };
    const legs = { left: 12, right: 28, top: 46, bottom: 80, pixels: 300 };
    const neighbour = { left: 32, right: 50, top: 0, bottom: 80, pixels: 900 };
    expect(joinedUpright([body, neighbour, legs], 0.14)).toEqual([
      { left: 10, right: 30, top: 0, bottom: 80, pixels: 800 },
      neighbour,
    ]);
    expect(joinedUpright([body, { ...legs, top: 70, bottom: 100 }], 0.14)).toHaveLength(2);
  });

  it('finds connected patches, also over corners, and drops specks', () => {
    const rows = ['11000', '00100', '00011', '00000', '10001'];
    const data = Uint8Array.from(rows.join(''), Number);
    expect(findBlobs({ width: 5, height: 5, data }, 2)).toEqual([{ left: 0, top: 0, right: 5, bottom: 3, pixels: 5 }]);
  });
});
