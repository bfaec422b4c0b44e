import type { Box, RgbImage } from '@saface/core';
import type { CameraSpec } from '../camera.ts';
import { createLayer, type Layer } from '../layer.ts';
import type { Colour } from '../person.ts';
import { bell, createRandom, type Random } from '../random.ts';
import { toDisplay, valueNoise } from '../scalar.ts';
import { paintPedestrian, type YardLight } from './paint.ts';
import type { Posture } from './parts.ts';
import type { Pedestrian } from './pedestrian.ts';

/** What a camera may make of light and how it sees people; ranges from which every picture draws. */
export interface CropConditions {
  /** Brightness of the whole picture. */
  readonly exposure: readonly [number, number];
  /** How far from white the sun's light may be: its warmth, positive towards red. */
  readonly warmth: readonly [number, number];
  /** Share of the light that comes from the sun rather than from all around. */
  readonly sunShare: readonly [number, number];
  /** Height of a person in pixels, before the crop is brought to its size. */
  readonly pixels: readonly [number, number];
  /** Standard deviation of sensor noise, 0..255. */
  readonly noise: readonly [number, number];
  /** How far the box may be off, as a share of its sides. */
  readonly jitter: number;
  /** Chance that something stands before a part of the person. */
  readonly occlusion: number;
}

/** Even light and sharp pictures, as in the collections that models are trained on. */
export const studioConditions: CropConditions = {
  exposure: [0.8, 1.2],
  warmth: [-0.06, 0.08],
  sunShare: [0.3, 0.6],
  pixels: [70, 150],
  noise: [0, 4],
  jitter: 0.05,
  occlusion: 0.1,
};

export interface BodyPicture {
  readonly image: RgbImage;
  /** Where a detector would put the person; may reach beyond the picture. */
  readonly box: Box;
}

/** One picture of a person walking somewhere, drawn from `conditions`; the same seed gives the same bytes. */
export function renderBodyPicture(pedestrian: Pedestrian, conditions: CropConditions, seed: number): BodyPicture {
  const random = createRandom(seed);
  const between = ([low, high]: readonly [number, number]) => low + (high - low) * random();
  const pixels = Math.round(between(conditions.pixels));
  const width = Math.ceil(pixels * 0.85);
  const height = Math.ceil(pixels * 1.25);
  const distance = 9 + 6 * random();
  const camera = pictureCamera({ width, height, pixels, distance, metres: pedestrian.height });
  const posture: Posture = {
    x: 0,
    z: distance,
    heading: random() * 2 * Math.PI,
    step: random() * 2 * Math.PI,
    stride: random() < 0.15 ? 0.1 : 0.7 + 0.5 * random(),
  };
  const light = drawLight(random, between(conditions.warmth), between(conditions.sunShare));
  const layer = createLayer(width, height);
  paintPedestrian(layer, camera, { pedestrian, posture, light });
  const box = coveredBox(layer);
  const exposure = between(conditions.exposure);
  const image = develop(layer, { random, exposure, noise: between(conditions.noise), light });
  if (random() < conditions.occlusion) occlude(image, box, random);
  return { image, box: jittered(box, conditions.jitter, random) };
}

/** Level with the chest, so far away that the person is `pixels` high in the middle of the picture. */
function pictureCamera(of: {
  width: number;
  height: number;
  pixels: number;
  distance: number;
  metres: number;
}): CameraSpec {
  const focal = (of.pixels / of.metres) * of.distance;
  return { width: of.width, height: of.height, elevation: of.metres / 2, tilt: 0, focal };
}

function drawLight(random: Random, warmth: number, sunShare: number): YardLight {
  const side = random() * 2 * Math.PI;
  const up = 0.35 + 0.5 * random();
  const flat = Math.sqrt(1 - up * up);
  const tint = (amount: number): Colour => [1 + amount, 1, 1 - amount];
  const scaled = (colour: Colour, by: number): Colour => [colour[0] * by, colour[1] * by, colour[2] * by];
  return {
    towards: [flat * Math.sin(side), up, flat * Math.cos(side)],
    sun: scaled(tint(warmth), 1.9 * sunShare),
    sky: scaled(tint(-0.5 * warmth), 1.25 * (1 - 0.6 * sunShare)),
  };
}

/** The box around what is covered by more than half; the whole layer when nothing is. */
export function coveredBox({ width, height, data }: Layer): Box {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 4 + 3]! < 0.5) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  return right > left ? { x: left, y: top, width: right - left, height: bottom - top } : { x: 0, y: 0, width, height };
}

function develop(
  { width, height, data }: Layer,
  { random, exposure, noise, light }: { random: Random; exposure: number; noise: number; light: YardLight },
): RgbImage {
  const out = new Uint8Array(width * height * 3);
  const wall: Colour = [0.08 + 0.4 * random(), 0.08 + 0.4 * random(), 0.08 + 0.4 * random()];
  const floor = wall.map((v) => 0.5 * v + 0.15 * random());
  const horizon = height * (0.3 + 0.5 * random());
  const grain = 0.05 + 0.1 * random();
  const offset = random() * 100;
  for (let y = 0; y < height; y++) {
    const ground = y > horizon;
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      const behind =
        (1 - data[at + 3]!) * (0.7 + 6 * grain * valueNoise(x * grain + offset, y * grain, ground ? 1 : 2));
      const to = (y * width + x) * 3;
      const speck = noise * 1.2 * bell(random);
      for (let i = 0; i < 3; i++) {
        const scene = (ground ? floor[i]! : wall[i]!) * (0.5 * light.sun[i]! + light.sky[i]!);
        const value = exposure * (data[at + i]! + scene * behind);
        const shown = value < 0.6 ? value : 0.6 + 0.4 * (1 - 1 / (1 + (value - 0.6) / 0.4));
        out[to + i] = Math.min(255, Math.max(0, 255 * toDisplay(shown) + speck + 0.5));
      }
    }
  }
  return { width, height, data: out };
}

/** A post, or the edge of something low, before the person. */
function occlude(image: RgbImage, box: Box, random: Random): void {
  const shade = [40 + 120 * random(), 40 + 120 * random(), 40 + 120 * random()];
  const post = random() < 0.5;
  const left = post ? box.x + box.width * random() * 0.8 : 0;
  const right = post ? left + box.width * (0.15 + 0.25 * random()) : image.width;
  const top = post ? 0 : box.y + box.height * (0.6 + 0.3 * random());
  for (let y = Math.max(0, Math.floor(top)); y < image.height; y++) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(image.width, right); x++)
      image.data.set(shade, (y * image.width + x) * 3);
  }
}

function jittered(box: Box, amount: number, random: Random): Box {
  const off = (side: number) => side * amount * bell(random);
  return {
    x: box.x + off(box.width),
    y: box.y + off(box.height),
    width: box.width * (1 + amount * bell(random)),
    height: box.height * (1 + amount * bell(random)),
  };
}
