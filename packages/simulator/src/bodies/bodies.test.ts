import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { renderBodyPicture, studioConditions } from './crop.ts';
import { createPedestrians } from './pedestrian.ts';
import { castOfYard, Yard } from './yard.ts';
import { yard } from './yard-ground.ts';
import { createDaylight, lightAt } from './yard-light.ts';
import { ensureYardVideo } from './yard-video.ts';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('pedestrians', () => {
  it('are the same for the same seed, others for another, and all of different names', () => {
    expect(createPedestrians(4, 60)).toEqual(createPedestrians(4, 60));
    expect(createPedestrians(4, 5)).not.toEqual(createPedestrians(5, 5));
    expect(new Set(createPedestrians(4, 300).map(({ name }) => name)).size).toBe(300);
    expect(createPedestrians(4, 60).slice(0, 20)).toEqual(createPedestrians(4, 20));
  });

  it('do not include anybody of a yard, whatever the seed', () => {
    const inYard = new Set(castOfYard(1).map(({ seed }) => seed));
    expect(createPedestrians(1, 500).some(({ seed }) => inYard.has(seed))).toBe(false);
  });
});

describe('a picture of a person', () => {
  const [who, other] = createPedestrians(2, 2);

  it('is the same for the same seed, another for the next or for somebody else', () => {
    const of = (person: typeof who, seed: number) =>
      digest(renderBodyPicture(person!, studioConditions, seed).image.data);
    expect(of(who, 1)).toBe(of(who, 1));
    expect(of(who, 1)).not.toBe(of(who, 2));
    expect(of(who, 1)).not.toBe(of(other, 1));
  });

  it('has its box where the person is', () => {
    for (let seed = 0; seed < 12; seed++) {
      const { image, box } = renderBodyPicture(who!, { ...studioConditions, jitter: 0, pixels: [90, 90] }, seed);
      expect(box.height).toBeGreaterThan(80);
      expect(box.height).toBeLessThanOrEqual(image.height);
      expect(box.width).toBeLessThan(box.height);
      expect(Math.abs(box.x + box.width / 2 - image.width / 2)).toBeLessThan(0.3 * image.width);
    }
  });
});

describe('daylight', () => {
  it('turns warm and low towards the evening and dims under clouds, and the shade is bluer than the sun', () => {
    const light = createDaylight({ seed: 3, seconds: 600 });
    const warmth = (time: number) => light(time).sun[0] / light(time).sun[2];
    expect(warmth(590)).toBeGreaterThan(warmth(5) + 0.3);
    expect(light(590).towards[1]).toBeLessThan(light(5).towards[1]);
    const moments = Array.from({ length: 100 }, (_, i) => light(i));
    const sorted = [...moments].sort((a, b) => a.clear - b.clear);
    expect(sorted[0]!.sun[1]).toBeLessThan(0.5 * sorted[99]!.sun[1]);
    for (const moment of moments) {
      const shade = lightAt(moment, true);
      expect(shade.sun[1]).toBeLessThan(moment.sun[1]);
      expect(Math.hypot(...moment.towards)).toBeCloseTo(1);
    }
  });
});

describe('the yard', () => {
  const spec = { seed: 6, seconds: 20, fps: 5 };

  it('shows several people at once, their boxes inside the picture and around them', async () => {
    const scene = new Yard(spec);
    let together = 0;
    for (const index of [15, 40, 65]) {
      const { truth, image } = await scene.render(index);
      together = Math.max(together, truth.length);
      for (const { box } of truth) {
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(image.width);
        expect(box.y + box.height).toBeLessThanOrEqual(yard.camera.height);
        expect(box.height).toBeGreaterThan(box.width);
      }
    }
    expect(together).toBeGreaterThanOrEqual(2);
  });

  it('renders the same frame again, also out of order', async () => {
    const [a, b] = [new Yard(spec), new Yard(spec)];
    await a.render(3);
    const [first, again] = [await a.render(40), await b.render(40)];
    expect(digest(first.image.data)).toBe(digest(again.image.data));
    expect(first.truth).toEqual(again.truth);
  });

  it('becomes a video with truth, kept for the next time, and refuses impossible scenes by name', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'saface-yard-'));
    try {
      const made = await ensureYardVideo(dir, { seed: 2, seconds: 1, fps: 4 });
      const truth = await readFile(made.truth, 'utf8');
      expect(truth.startsWith('frame,person,x,y,width,height\n')).toBe(true);
      expect(await ensureYardVideo(dir, { seed: 2, seconds: 1, fps: 4 })).toEqual(made);
      const wrong = ensureYardVideo(dir, { seed: 2, seconds: 0, fps: 4 });
      await expect(wrong).rejects.toThrow(SafaceError);
      await expect(wrong).rejects.toThrow(/seconds/);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
