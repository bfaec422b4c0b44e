import { type InputSpec, type Point, SafaceError } from '@saface/core';
import { meanFaceTemplate } from '../../faces/mean-face.ts';

export type Triple = readonly [number, number, number];

/** What a recogniser does to pixel values before its first layer; `mean` and `scale` in its channel order. */
export interface Normalisation {
  readonly name: string;
  readonly mean: Triple;
  readonly scale: Triple;
}

const all = (value: number): Triple => [value, value, value];
const imageNetMean = [0.485, 0.456, 0.406] as const;
const imageNetDeviation = [0.229, 0.224, 0.225] as const;

/** Normalisations in use among face recognisers, by the name an operator may give. For RGB; BGR has them reversed. */
export const normalisations = [
  { name: 'minus-one-to-one', mean: all(127.5), scale: all(1 / 127.5) },
  {
    name: 'imagenet',
    mean: [255 * imageNetMean[0], 255 * imageNetMean[1], 255 * imageNetMean[2]],
    scale: [1 / (255 * imageNetDeviation[0]), 1 / (255 * imageNetDeviation[1]), 1 / (255 * imageNetDeviation[2])],
  },
  { name: 'zero-to-one', mean: all(0), scale: all(1 / 255) },
  { name: 'raw', mean: all(0), scale: all(1) },
] as const satisfies readonly Normalisation[];

/** The five-point template of InsightFace's 112x112 models, by which nearly all recognisers since are trained. */
const ARCFACE_SIZE = 112;
const arcFace: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];

export const templateNames = ['arcface', 'mean-face'] as const;
export type TemplateName = (typeof templateNames)[number];

/** Where a template's five points lie in a crop of `size` pixels. 'mean-face' is dlib's, with a border of a quarter. */
export function templatePoints(name: TemplateName, size: number): Point[] {
  if (name === 'mean-face') return meanFaceTemplate(size, 0.25);
  return arcFace.map(({ x, y }) => ({ x: (x * size) / ARCFACE_SIZE, y: (y * size) / ARCFACE_SIZE }));
}

/** @throws SafaceError 'invalid-input' for values that no pixel survives */
export function checkInput({ mean, scale }: Pick<InputSpec, 'mean' | 'scale'>): void {
  const bad = [...mean, ...scale].find((value) => !Number.isFinite(value)) ?? scale.find((value) => value === 0);
  if (bad === undefined) return;
  throw new SafaceError(
    'invalid-input',
    `The normalisation (value - mean) * scale has mean ${mean.join(', ')} and scale ${scale.join(', ')}`,
    'Give finite numbers, and no scale of 0.',
  );
}
