import type { GraphBuilder } from '../onnx/graph-builder.ts';

/** How embeddings are compared: as they are, or scaled to length 1 first. */
export type EmbeddingMetric = 'euclidean' | 'cosine';

export interface TripletLoss {
  /** Scalar: mean over the triplets of max(0, |a - p|^2 - |a - n|^2 + margin). */
  readonly loss: string;
  /** Scalar: number of triplets with a positive loss. */
  readonly active: string;
  /** d(SUM of the losses)/d(embeddings), [3B, D]; divide by the number of triplets that shall share one update. */
  readonly gradient: string;
}

/** Writes the triplet loss of `embeddings` [3B, D] (B anchors, B positives, B negatives) and its gradient (paper section 4.2.2). */
export function tripletLoss(graph: GraphBuilder, embeddings: string, margin: string): TripletLoss {
  const [anchor, positive, negative] = graph.multi('Split', [embeddings], { attributes: { axis: 0 }, outputs: 3 }) as [
    string,
    string,
    string,
  ];
  const toPositive = graph.op('Sub', [anchor, positive]);
  const toNegative = graph.op('Sub', [anchor, negative]);
  const squared = (difference: string) =>
    graph.op('ReduceSum', [graph.op('Mul', [difference, difference]), graph.int64(1)], { keepdims: 1 });
  const excess = graph.op('Add', [graph.op('Sub', [squared(toPositive), squared(toNegative)]), margin]);
  const losses = graph.op('Relu', [excess]);
  // Sign and not a comparison: a loss that is not a number must stay one all the way to the weights' check.
  const activity = graph.op('Sign', [losses]);
  const twice = graph.op('Mul', [activity, graph.scalar(2)]);
  const gradients = [
    graph.op('Mul', [twice, graph.op('Sub', [toPositive, toNegative])]),
    graph.op('Neg', [graph.op('Mul', [twice, toPositive])]),
    graph.op('Mul', [twice, toNegative]),
  ];
  return {
    loss: graph.op('ReduceMean', [losses], { axes: [0, 1], keepdims: 0 }),
    active: graph.op('ReduceSum', [activity, graph.int64(0, 1)], { keepdims: 0 }),
    gradient: graph.op('Concat', gradients, { axis: 0 }),
  };
}
