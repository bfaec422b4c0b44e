import { knownSize, reshape, resolveAxis, type Shape } from '../shape.ts';
import type { OperatorRule, OperatorView } from './operator.ts';

function product(view: OperatorView, dims: Shape): number | string {
  const unknown = dims.filter((dim) => typeof dim === 'string');
  if (unknown.length === 0) return knownSize(dims);
  if (unknown.length > 1 || knownSize(dims) !== 1) throw view.refuse('it mixes the batch axis with another one');
  return unknown[0]!;
}

/** Joins the axes before `axis` and those from it on: two axes remain. */
export const flatten: OperatorRule = {
  infer(view) {
    const shape = view.shape(0);
    const axis = resolveAxis(view.int('axis', 1), shape.length);
    return [[product(view, shape.slice(0, axis)), product(view, shape.slice(axis))]];
  },
  flops: () => 0,
  gradient: (context) => [reshape(context.graph, context.dy, context.shape(0))],
};
