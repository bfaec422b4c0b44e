import type { Box, RgbImage } from '@saface/core';
import { degrade } from './degrade.ts';
import { faceBox } from './face-box.ts';
import { shapeHead } from './head-shape.ts';
import { createLayer } from './layer.ts';
import type { Colour, Person } from './person.ts';
import { createRandom, mixSeed } from './random.ts';
import { type HeadPlacement, type Lighting, renderHead } from './render.ts';
import { type Degradation, scenarios } from './scenarios.ts';

/** How a camera at a door sees people over a day. */
export const dayLights = ['morning', 'noon', 'evening', 'night'] as const;
export type DayLight = (typeof dayLights)[number];

interface Look {
  /** Towards the light: right, up, to the camera. */
  readonly towards: readonly [number, number, number];
  readonly key: Colour;
  readonly back: Colour;
  readonly around: Colour;
  readonly wall: Colour;
  readonly camera: Pick<Degradation, 'noise' | 'defocus' | 'exposure'>;
}

const looks: Readonly<Record<DayLight, Look>> = {
  morning: {
    towards: [-1.1, 0.5, 0.5],
    key: [1.3, 1.2, 1.0],
    back: [0.2, 0.2, 0.25],
    around: [0.24, 0.26, 0.3],
    wall: [0.3, 0.3, 0.29],
    camera: { noise: 3, defocus: 0.5, exposure: 0.95 },
  },
  noon: {
    towards: [0.2, 1.2, 0.6],
    key: [1.6, 1.6, 1.6],
    back: [0.5, 0.55, 0.6],
    around: [0.3, 0.32, 0.36],
    wall: [0.45, 0.45, 0.46],
    camera: { noise: 2.5, defocus: 0.45, exposure: 0.9 },
  },
  evening: {
    towards: [1.2, 0.25, 0.4],
    key: [1.5, 0.95, 0.5],
    back: [0.9, 0.55, 0.3],
    around: [0.17, 0.14, 0.12],
    wall: [0.24, 0.18, 0.13],
    camera: { noise: 5, defocus: 0.65, exposure: 0.95 },
  },
  night: {
    towards: [-0.3, 1.1, 0.2],
    key: [0.62, 0.66, 0.78],
    back: [0.08, 0.08, 0.1],
    around: [0.07, 0.075, 0.09],
    wall: [0.07, 0.075, 0.09],
    camera: { noise: 9, defocus: 0.8, exposure: 1.1 },
  },
};

export interface LitFace {
  readonly image: RgbImage;
  /** As a face detector would draw it. */
  readonly box: Box;
}

/** One face, 40 to 60 pixels wide, in the light of that time of day; the same number gives the same picture. */
export async function renderLitFace(person: Person, time: DayLight, number: number): Promise<LitFace> {
  const seed = mixSeed(person.seed, dayLights.indexOf(time), number, 0x117);
  const random = createRandom(seed);
  const vary = (amount: number) => (random() - 0.5) * 2 * amount;
  const scale = 28 + 14 * random();
  const size = Math.round(3.2 * scale);
  const place: HeadPlacement = { x: size / 2 + vary(3), y: 0.46 * size + vary(3), scale, distance: 16 + 20 * random() };
  const pose = { yaw: vary(0.6), pitch: 0.1 + vary(0.22), roll: vary(0.1) };
  const shape = shapeHead(person, {
    blink: random() < 0.06 ? random() : 0,
    smile: vary(0.5),
    gazeX: vary(0.25),
    gazeY: 0,
  });
  const head = createLayer(size, size);
  const look = looks[time];
  renderHead(shape, pose, place, lightingOf(look, vary), head);
  const data = new Float32Array(size * size * 3);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const alpha = head.data[pixel * 4 + 3]!;
    for (let i = 0; i < 3; i++) data[pixel * 3 + i] = head.data[pixel * 4 + i]! + look.wall[i]! * (1 - alpha);
  }
  const degradation = { ...scenarios.corridor.degradation, flare: 0, vignette: 0, ...look.camera };
  const image = await degrade({ width: size, height: size, data }, { degradation }, seed);
  return { image, box: faceBox(shape, pose, place) };
}

function lightingOf({ towards, key, back, around }: Look, vary: (amount: number) => number): Lighting {
  const strength = 1 + vary(0.2);
  const scaled = (colour: Colour, by: number): Colour => [colour[0] * by, colour[1] * by, colour[2] * by];
  return {
    key: { direction: [towards[0] + vary(0.3), towards[1] + vary(0.2), towards[2]], colour: scaled(key, strength) },
    rim: { direction: [vary(0.8), 0.3, -0.8], colour: back },
    sky: around,
    ground: scaled(around, 0.55),
  };
}
