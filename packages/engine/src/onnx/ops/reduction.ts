import { reshape, resolveAxis, type Shape } from '../shape.ts';
import type { GradientContext, OperatorView } from './operator.ts';

/** Axes of a Reduce operator: from the attribute, or from constant input 1; all axes when neither names one. */
export function reducedAxes(view: OperatorView): number[] {
  const { length: rank } = view.shape(0);
  const given = view.ints('axes') ?? view.integers(1);
  return given && given.length > 0
    ? given.map((axis) => resolveAxis(axis, rank))
    : Array.from({ length: rank }, (_, axis) => axis);
}

export function reducedShape(view: OperatorView): Shape {
  const axes = reducedAxes(view);
  const kept = view.shape(0).map((dim, axis) => (axes.includes(axis) ? 1 : dim));
  return view.int('keepdims', 1) === 1 ? kept : kept.filter((_, axis) => !axes.includes(axis));
}

/** Number of values that go into one result. */
export function reducedCount(view: OperatorView): number {
  return reducedAxes(view).reduce((product, axis) => product * view.size(0, axis), 1);
}

/** `name`, which has the output's shape, with the reduced axes back as axes of size 1. */
export function withReducedAxes(context: GradientContext, name: string): string {
  if (context.int('keepdims', 1) === 1) return name;
  const axes = reducedAxes(context);
  return reshape(
    context.graph,
    name,
    context.shape(0).map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
  );
}
