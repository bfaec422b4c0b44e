import type { Tensor } from '@tensorflow/tfjs';
import type { GraphBuilder } from '../../onnx/graph-builder.ts';
import type { TfModule } from '../../training/tfjs-runtime.ts';

/** What a head makes of the cosine between an embedding and its own class. Tensors are [N, 1] or scalars. */
export interface Margined {
  /** The cosine that is left after the margin. */
  readonly value: string;
  /** d value / d cosine. */
  readonly slope: string;
}

/**
 * A margin softmax: every class has a direction, logits are scaled cosines, and the own class must win by a margin. `write`
 * and `compute` are the same function, one for each training engine.
 */
export interface MarginHead {
  readonly name: string;
  /** The paper's scale s and margin m. */
  readonly scale: number;
  readonly margin: number;
  /** @param margin name of a scalar */
  write(graph: GraphBuilder, cosine: string, margin: string): Margined;
  /** `value` with TensorFlow.js, which finds the slope itself. */
  compute(tf: TfModule, cosine: Tensor, margin: number): Tensor;
}
