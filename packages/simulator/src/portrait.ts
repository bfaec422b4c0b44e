import type { Point, RgbImage } from '@saface/core';
import { degrade, type LightField } from './degrade.ts';
import { type HeadShape, shapeHead } from './head-shape.ts';
import { createLayer, type Layer } from './layer.ts';
import { createPopulation, type Person } from './person.ts';
import { createRandom, mixSeed, type Random } from './random.ts';
import { type HeadPlacement, type HeadPose, type Lighting, renderHead, viewToHead } from './render.ts';
import { mix, smoothstep } from './scalar.ts';
import { type Degradation, scenarios } from './scenarios.ts';

/** Who is pictured, and how often. Equal specs give equal pixels. */
export interface PortraitSpec {
  readonly seed: number;
  readonly people: number;
  /** Pictures of each person. */
  readonly pictures: number;
}

/** One face as a surveillance camera might have caught it. */
export interface Portrait {
  readonly image: RgbImage;
  /** Right eye, left eye, nose tip, mouth corners, in pixels, from left to right as seen in the picture. */
  readonly landmarks: readonly Point[];
}

/** The most people one population deals its traits out to. */
const populationLimit = 40;

/**
 * The people of `spec`. They come from populations of their own: nobody of them lives in a scene or demo world,
 * whose seeds are used as they are and not mixed.
 */
export function portraitPeople({ seed, people }: Pick<PortraitSpec, 'seed' | 'people'>): Person[] {
  return Array.from({ length: Math.ceil(people / populationLimit) }, (_, group) =>
    createPopulation(mixSeed(seed, 0x9072a17, group), populationLimit),
  )
    .flat()
    .slice(0, people);
}

/** Pixels one head unit measures: faces of about 23 to 52 pixels, as the scenes' cameras see them. */
const smallest = 17;
const largest = 38;

/** Picture `number` of a person: any pose up to about 50 degrees, light, expression, size, blur, noise and compression. */
export async function renderPortrait(person: Person, number: number): Promise<Portrait> {
  const seed = mixSeed(person.seed, 0x907, number);
  const random = createRandom(seed);
  const vary = (amount: number) => (random() - 0.5) * 2 * amount;
  const scale = smallest * (largest / smallest) ** random();
  const size = Math.round(2.6 * scale);
  const place: HeadPlacement = {
    x: size / 2 + vary(0.05 * scale),
    y: size * 0.45 + vary(0.05 * scale),
    scale,
    distance: 14 + 30 * random(),
  };
  // Mostly near frontal, seldom far to the side, seen a little from above as from a camera on a wall.
  const pose = { yaw: 0.9 * vary(1) * Math.abs(vary(1)) ** 0.4, pitch: 0.12 + vary(0.3), roll: vary(0.12) };
  const shape = shapeHead(person, {
    blink: random() < 0.08 ? random() : 0,
    smile: -0.25 + 0.95 * random(),
    gazeX: vary(0.3),
    gazeY: vary(0.15),
  });
  const head = createLayer(size, size);
  renderHead(shape, pose, place, drawLight(random), head);
  const field = layOver(head, { person, place, random });
  const [blurX, blurY] = [random() < 0.35 ? vary(0.09 * scale) : 0, random() < 0.2 ? vary(0.06 * scale) : 0];
  const light = smear(field, blurX, blurY);
  const image = await degrade(light, { ...scenarios.corridor, degradation: drawCamera(random) }, seed);
  return { image, landmarks: landmarksOf(shape, pose, place) };
}

/** One to three sources from anywhere in front or above, warm to cold, dim to bright; sometimes a bright back light. */
function drawLight(random: Random): Lighting {
  const vary = (amount: number) => (random() - 0.5) * 2 * amount;
  const warmth = vary(1);
  const tint = (strength: number) =>
    [strength * (1 + 0.28 * warmth), strength, strength * (1 - 0.3 * warmth)] as [number, number, number];
  const key = 0.55 + 1.15 * random();
  const ambient = 0.12 + 0.32 * random();
  return {
    key: { direction: [vary(1.3), 0.15 + 1.4 * random(), 0.25 + 0.9 * random()], colour: tint(key) },
    rim: { direction: [vary(1.2), 0.2 + 0.5 * random(), -0.8], colour: tint(random() < 0.3 ? 2.4 * random() : 0.2) },
    sky: tint(ambient),
    ground: tint(ambient * (0.4 + 0.3 * random())),
  };
}

function drawCamera(random: Random): Degradation {
  return {
    shutter: 0,
    defocus: 0.25 + 0.75 * random(),
    exposure: 0.8 + 0.35 * random(),
    flare: random() < 0.4 ? 0.08 * random() : 0,
    noise: 1.5 + 4.5 * random(),
    vignette: 0.2 * random(),
    jpegQuality: random() < 0.5 ? Math.round(45 + 40 * random()) : null,
  };
}

/** The head before a ground of two colours that run into each other, on shoulders in the person's clothes. */
function layOver(
  { width, height, data }: Layer,
  { person, place, random }: { person: Person; place: HeadPlacement; random: Random },
): LightField {
  const shade = () => [0.05 + 0.5 * random(), 0.05 + 0.5 * random(), 0.05 + 0.5 * random()] as const;
  const muted = (colour: readonly [number, number, number]) => {
    const grey = (colour[0] + colour[1] + colour[2]) / 3;
    return colour.map((value) => mix(value, grey, 0.7));
  };
  const [from, to] = [muted(shade()), muted(shade())];
  const across = random();
  const out = new Float32Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const u = Math.abs(column + 0.5 - place.x) / place.scale;
      const v = (place.y - row - 0.5) / place.scale;
      const line = -1.28 - 0.12 * u * u - 0.22 * smoothstep(0.5, 1.5, u);
      const cloth = smoothstep(0.03, -0.03, v - line);
      const share = mix(row / height, column / width, across);
      const alpha = data[(row * width + column) * 4 + 3] ?? 0;
      for (let i = 0; i < 3; i++) {
        const ground = mix(from[i] ?? 0, to[i] ?? 0, share);
        const behind = (data[(row * width + column) * 4 + i] ?? 0) + ground * (1 - alpha);
        out[(row * width + column) * 3 + i] = mix(behind, (person.top[i] ?? 0) * 0.9, cloth);
      }
    }
  }
  return { width, height, data: out };
}

/** What a moving face leaves behind while the shutter is open: the mean over its way of (x, y) pixels. */
function smear(field: LightField, x: number, y: number): LightField {
  const taps = 1 + Math.min(8, Math.round(Math.hypot(x, y)));
  if (taps === 1) return field;
  const { width, height, data } = field;
  const out = new Float32Array(data.length);
  for (let tap = 0; tap < taps; tap++) {
    const share = tap / (taps - 1) - 0.5;
    const [dx, dy] = [Math.round(share * x), Math.round(share * y)];
    for (let row = 0; row < height; row++) {
      const source = Math.min(height - 1, Math.max(0, row + dy)) * width;
      for (let column = 0; column < width; column++) {
        const from = (source + Math.min(width - 1, Math.max(0, column + dx))) * 3;
        const to = (row * width + column) * 3;
        for (let i = 0; i < 3; i++) out[to + i] = (out[to + i] ?? 0) + (data[from + i] ?? 0) / taps;
      }
    }
  }
  return { width, height, data: out };
}

/** Where the five landmarks of a head are in its picture. */
export function landmarksOf(shape: HeadShape, pose: HeadPose, place: HeadPlacement): Point[] {
  const m = viewToHead(pose);
  const points = [
    [-shape.eyeX, shape.eyeY, 0.76],
    [shape.eyeX, shape.eyeY, 0.76],
    [0, shape.noseTipY, shape.noseZ + shape.noseTip * 0.5],
    [-shape.mouthW, shape.mouthCornerY, 0.68],
    [shape.mouthW, shape.mouthCornerY, 0.68],
  ] as const;
  return points.map(([hx, hy, hz]) => {
    // The matrix is orthogonal: its columns dotted with a head vector give the view vector.
    const axis = (at: number) => (m[at] ?? 0) * hx + (m[at + 1] ?? 0) * hy + (m[at + 2] ?? 0) * hz;
    const zoom = place.scale / (1 - axis(6) / place.distance);
    return { x: place.x + axis(0) * zoom, y: place.y - axis(3) * zoom };
  });
}
