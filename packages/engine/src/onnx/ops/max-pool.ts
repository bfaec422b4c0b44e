import type { OperatorRule } from './operator.ts';
import { windowOf } from './window.ts';

/** Maximum over windows. Of equal maxima the first one gets the gradient. */
export const maxPool: OperatorRule = {
  infer(view) {
    const { output } = windowOf(view, view.ints('kernel_shape'));
    return [[view.shape(0)[0]!, view.shape(0)[1]!, ...output]];
  },
  flops(view) {
    const { kernel, output } = windowOf(view, view.ints('kernel_shape'));
    return view.size(0, 1) * output[0] * output[1] * kernel[0] * kernel[1];
  },
  gradient(context) {
    const { graph, dy } = context;
    const x = context.input(0);
    // The second output says where in the flattened input each maximum was found.
    const [, places] = graph.multi('MaxPool', [x], { attributes: context.node.attributes, outputs: 2 });
    const flat = graph.int64(-1);
    const zeros = graph.op('ConstantOfShape', [graph.op('Reshape', [graph.op('Size', [x]), graph.int64(1)])]);
    const updates = graph.op('Reshape', [dy, flat]);
    const sums = graph.op('ScatterElements', [zeros, graph.op('Reshape', [places!, flat]), updates], {
      axis: 0,
      reduction: 'add',
    });
    return [graph.op('Reshape', [sums, graph.op('Shape', [x])])];
  },
};
