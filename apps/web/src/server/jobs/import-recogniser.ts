import { type ModelCut, type Point, type RecogniserSpec, SafaceError } from '@saface/core';
import { cutModel, decodeModel, encodeModel, legalCuts, normalizeModel, type OnnxModel } from '@saface/engine';
import { operatorRule } from '@saface/engine/onnx/ops/index';
import type { ImportedRecogniser } from './model-import.ts';

/** Where ArcFace models want eyes, nose and mouth corners in their 112 pixels. */
const arcFaceTemplate: readonly Point[] = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
];
const ARCFACE_SIZE = 112;
/** Cosine distance below which two faces are usually taken for one person by ArcFace models. */
const ARCFACE_THRESHOLD = 0.6;

/**
 * Reads a recogniser's file: made to run here (upgraded, folded, with a free batch axis), with the places where it can be
 * cut. What the file does not say (channel order, normalisation) is set as ArcFace models usually have it.
 *
 * @throws SafaceError that names what is wrong with the file
 */
export async function importRecogniser(bytes: Uint8Array, fileName: string): Promise<ImportedRecogniser> {
  const model = normalizeModel(decodeModel(bytes));
  const { size, dimension } = shapeOf(model, fileName);
  const cuts = legalCuts(model).map(
    (cut): ModelCut => ({ ...cut, shape: [...cut.shape], obstacle: obstacleBehind(model, cut.tensor) }),
  );
  const [first] = cuts;
  if (!first)
    throw new SafaceError(
      'unsupported',
      `"${fileName}" cannot be cut anywhere: something passes every place by`,
      'Use a recogniser whose layers follow each other, such as a ResNet or a MobileFaceNet.',
    );
  const spec: RecogniserSpec = {
    name: fileName.replace(/\.onnx$/i, '').slice(0, 100) || 'recogniser',
    input: { size, channels: 'rgb', mean: [127.5, 127.5, 127.5], scale: [1 / 127.5, 1 / 127.5, 1 / 127.5] },
    alignment: {
      size,
      template: arcFaceTemplate.map(({ x, y }) => ({ x: (x * size) / ARCFACE_SIZE, y: (y * size) / ARCFACE_SIZE })),
    },
    dimension,
    metric: 'cosine',
    defaultCut: nearestToQuarter(cuts),
    defaultThreshold: ARCFACE_THRESHOLD,
  };
  const notes = [
    'Channel order and normalisation are those that ArcFace models usually have: check them against the model’s own description.',
  ];
  return { onnx: encodeModel(model), report: { spec, cuts, probes: [], notes } };
}

function shapeOf({ graph }: OnnxModel, fileName: string): { size: number; dimension: number } {
  const [input, output] = [graph.inputs[0]?.shape ?? [], graph.outputs[0]?.shape ?? []];
  const [, channels, height, width] = input;
  const dimension = output[1];
  if (input.length !== 4 || channels !== 3 || height !== width || typeof height !== 'number')
    throw new SafaceError(
      'unsupported',
      `"${fileName}" takes ${input.join(' x ')} and not a square colour picture`,
      'Use a face recogniser whose input is N x 3 x size x size.',
    );
  if (output.length !== 2 || typeof dimension !== 'number' || dimension < 8)
    throw new SafaceError(
      'unsupported',
      `"${fileName}" gives ${output.join(' x ')} and not one embedding a face`,
      'Export the recogniser without its classification head.',
    );
  return { size: height, dimension };
}

/** The first operator behind the cut that cannot be trained through; null when all can. */
function obstacleBehind(model: OnnxModel, tensor: string): string | null {
  const { learner } = cutModel(model, tensor);
  return learner.graph.nodes.find((node) => !operatorRule(node).gradient)?.type ?? null;
}

/** A quarter of the work behind the cut adapts well and trains cheaply. */
function nearestToQuarter(cuts: readonly ModelCut[]): string {
  const distance = ({ extractor, learner }: ModelCut) =>
    Math.abs(learner.flops / Math.max(1, extractor.flops + learner.flops) - 0.25);
  const usable = cuts.filter(({ obstacle }) => obstacle === null);
  return (usable.length > 0 ? usable : cuts).reduce((a, b) => (distance(b) < distance(a) ? b : a)).tensor;
}
