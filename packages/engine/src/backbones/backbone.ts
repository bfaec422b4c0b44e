import { type RecogniserSpec, SafaceError } from '@saface/core';
import type { OnnxModel } from '../onnx/model.ts';
import { arcFaceTemplate } from './arcface-template.ts';

export const backboneNames = ['sphere-20', 'mobilefacenet', 'iresnet-50'] as const;
export type BackboneName = (typeof backboneNames)[number];

export interface BackboneOptions {
  /** Channels of every layer as a share of the paper's; default 1. */
  readonly width?: number;
  /** Pixels of the square input, a multiple of 16; default 112. */
  readonly inputSize?: number;
  /** Length of an embedding; default the paper's. */
  readonly dimension?: number;
  /** Of the initial weights; default 1. */
  readonly seed?: number;
}

/** A recogniser that has learnt nothing yet. */
export interface Backbone {
  readonly name: BackboneName;
  /** In normal form (batch open, operator set 17) but with its BatchNormalization unfolded: pre-training needs it. */
  readonly model: OnnxModel;
  readonly spec: RecogniserSpec;
  /** Names of the tensors at which it can be cut, from input to output: the output of every block. */
  readonly cuts: readonly string[];
}

export type ResolvedOptions = Required<Omit<BackboneOptions, 'dimension'>> & { readonly dimension: number };

/** @throws SafaceError 'invalid-input' that names the option */
export function resolveOptions(options: BackboneOptions, dimension: number): ResolvedOptions {
  const resolved = {
    width: 1,
    inputSize: 112,
    seed: 1,
    ...defined(options),
    dimension: options.dimension ?? dimension,
  };
  const refuse = (what: string, remedy: string) => new SafaceError('invalid-input', what, remedy);
  if (!(resolved.width > 0 && resolved.width <= 4))
    throw refuse(`The width ${resolved.width} is not a share of the paper's`, 'Choose a number above 0, at most 4.');
  if (!Number.isInteger(resolved.inputSize / 16) || resolved.inputSize < 32 || resolved.inputSize > 448)
    throw refuse(`The input size ${resolved.inputSize} does not fit`, 'Choose a multiple of 16 from 32 to 448.');
  if (!Number.isInteger(resolved.dimension) || resolved.dimension < 2 || resolved.dimension > 4096)
    throw refuse(`Embeddings of length ${resolved.dimension} make no sense`, 'Choose a whole number from 2 to 4096.');
  return resolved;
}

/** Channels at this width: a multiple of 8, which is what fast convolutions are laid out for, and at least 8. */
export function channelsAt(width: number): (channels: number) => number {
  return (channels) => Math.max(8, Math.round((channels * width) / 8) * 8);
}

/** How these backbones want their faces: ArcFace's alignment and the pixel range about -1..1. */
export function backboneSpec(
  name: BackboneName,
  { inputSize, dimension }: ResolvedOptions,
  defaultCut: string,
): RecogniserSpec {
  return {
    name,
    input: {
      size: inputSize,
      channels: 'rgb',
      mean: [127.5, 127.5, 127.5],
      scale: [1 / 128, 1 / 128, 1 / 128],
    },
    alignment: { size: inputSize, template: arcFaceTemplate(inputSize) },
    dimension,
    metric: 'cosine',
    defaultCut,
    // Of unit vectors: a right angle between two faces is a distance of 1.41. Pre-training replaces it by what it measures.
    defaultThreshold: 1.1,
  };
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
