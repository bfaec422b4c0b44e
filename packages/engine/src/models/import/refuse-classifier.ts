import { SafaceError } from '@saface/core';
import type { OnnxGraph } from '../../onnx/model.ts';

/** Leave the values as they are. */
const passThrough: ReadonlySet<string> = new Set([
  'Identity',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Cast',
  'Dropout',
]);
const decides: ReadonlySet<string> = new Set(['Softmax', 'LogSoftmax']);
/** ImageNet's, with and without a class for nothing, and those of its larger sibling. */
const imageNetClasses: ReadonlySet<number> = new Set([1000, 1001, 21_841, 21_843]);

/**
 * Refuses what says which of some classes a picture shows. Such scores are near each other for pictures that are alike, so that the
 * sample faces alone do not show it.
 * @throws SafaceError 'unsupported'
 */
export function refuseClassifier(graph: OnnxGraph, dimension: number): void {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  let last = makers.get(graph.outputs[0]!.name);
  while (last && passThrough.has(last.type)) last = makers.get(last.inputs[0] ?? '');
  const remedy = 'Choose a face recogniser; one that was exported with its classification head, export without it.';
  if (last && decides.has(last.type)) {
    const what = `The model ends in ${last.type}: it gives the shares of ${dimension} classes, not an embedding`;
    throw new SafaceError('unsupported', what, remedy);
  }
  if (imageNetClasses.has(dimension)) {
    const what = `The model gives ${dimension} values, as many as ImageNet has classes: it sorts pictures, and makes no embeddings`;
    throw new SafaceError('unsupported', what, remedy);
  }
}
