import { knownSize } from '../shape.ts';
import { batchNormalizationGradient } from './batch-statistics.ts';
import type { OperatorRule } from './operator.ts';

/**
 * Batch normalisation with the statistics of the pre-training: a frozen affine map of each channel. Statistics of a
 * few triplets of one camera would be worse than those of the whole pre-training, and its scale is part of them.
 * Pre-training itself marks its nodes `training_mode`, see batch-statistics.ts.
 */
export const batchNormalization: OperatorRule = {
  infer(view) {
    if (view.int('training_mode', 0) === 1) throw view.refuse('it was exported in training mode');
    return [view.shape(0)];
  },
  flops: (view) => 2 * knownSize(view.shape(0)),
  gradient(context) {
    if (context.int('training_mode', 0) === 1) return batchNormalizationGradient(context);
    const { graph, dy } = context;
    const scale = context.constant(1)?.data;
    const variance = context.constant(4)?.data;
    if (!scale || !variance) throw context.refuse('its scale or variance is computed while the model runs');
    const epsilon = context.float('epsilon', 1e-5);
    const slopes = Float32Array.from(
      { length: scale.length },
      (_, channel) => Number(scale[channel]) / Math.sqrt(Number(variance[channel]) + epsilon),
    );
    const axes = context
      .shape(0)
      .slice(2)
      .map(() => 1);
    return [graph.op('Mul', [dy, graph.constant(slopes, [slopes.length, ...axes])])];
  },
};
