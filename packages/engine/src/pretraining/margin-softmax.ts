import type { GraphBuilder } from '../onnx/graph-builder.ts';
import type { MarginHead } from './heads/index.ts';

export interface MarginSoftmax {
  /** Scalar: mean cross-entropy over the batch. */
  readonly loss: string;
  /** Scalar: number of samples whose own class has the largest cosine, no margin taken off. */
  readonly correct: string;
  /** d loss / d cosines, [N, K]. */
  readonly gradient: string;
}

/**
 * Writes softmax cross-entropy over `scale` times the cosines [N, K], the own class's after the head's margin, and its
 * gradient: (softmax - own) scale / N, times the margin's slope at the own class.
 *
 * @param names labels: int64 [N]; scale, margin: scalars
 */
export function marginSoftmax(
  graph: GraphBuilder,
  head: MarginHead,
  names: { cosines: string; labels: string; classes: number; scale: string; margin: string },
): MarginSoftmax {
  const { cosines, labels, classes, scale, margin } = names;
  const depth = graph.int64(classes);
  const own = graph.op('OneHot', [labels, depth, graph.constant(Float32Array.of(0, 1))], { axis: 1 });
  const across = graph.int64(1);
  const ownCosine = graph.op('ReduceSum', [graph.op('Mul', [cosines, own]), across], { keepdims: 1 });
  const { value, slope } = head.write(graph, ownCosine, margin);
  const taken = graph.op('Mul', [own, graph.op('Sub', [value, ownCosine])]);
  const logits = graph.op('Mul', [graph.op('Add', [cosines, taken]), scale]);
  const picked = graph.op('Mul', [graph.op('LogSoftmax', [logits], { axis: 1 }), own]);
  const losses = graph.op('Neg', [graph.op('ReduceSum', [picked, across], { keepdims: 0 })]);
  const error = graph.op('Sub', [graph.op('Softmax', [logits], { axis: 1 }), own]);
  const count = graph.op('Cast', [graph.op('Size', [labels])], { to: 1 });
  const scaled = graph.op('Mul', [error, graph.op('Div', [scale, count])]);
  const steepness = graph.op('Mul', [own, graph.op('Sub', [slope, graph.scalar(1)])]);
  const hits = graph.op('Equal', [graph.op('ArgMax', [cosines], { axis: 1, keepdims: 0 }), labels]);
  return {
    loss: graph.op('ReduceMean', [losses], { axes: [0], keepdims: 0 }),
    correct: graph.op('ReduceSum', [graph.op('Cast', [hits], { to: 1 })], { keepdims: 0 }),
    gradient: graph.op('Add', [scaled, graph.op('Mul', [scaled, steepness])]),
  };
}
