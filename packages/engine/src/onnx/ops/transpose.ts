import type { OperatorRule, OperatorView } from './operator.ts';

function permutation(view: OperatorView): readonly number[] {
  return view.ints('perm') ?? view.shape(0).map((_, axis, shape) => shape.length - 1 - axis);
}

/** Axis `perm[i]` of the input becomes axis i. */
export const transpose: OperatorRule = {
  infer: (view) => [permutation(view).map((axis) => view.shape(0)[axis]!)],
  flops: () => 0,
  gradient(context) {
    const perm = permutation(context);
    return [context.graph.op('Transpose', [context.dy], { perm: perm.map((_, axis) => perm.indexOf(axis)) })];
  },
};
