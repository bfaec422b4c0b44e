import type { GraphBuilder } from '../graph-builder.ts';
import { reshape, resolveAxis, type Shape } from '../shape.ts';
import type { OperatorRule, OperatorView } from './operator.ts';

interface Range {
  readonly axis: number;
  readonly size: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Constant starts, ends, axes and steps, with negative and far-off bounds worked out. */
function ranges(view: OperatorView): Range[] {
  const rank = view.shape(0).length;
  const starts = view.integers(1)!;
  const ends = view.integers(2)!;
  const axes = (view.integers(3) ?? starts.map((_, axis) => axis)).map((axis) => resolveAxis(axis, rank));
  const steps = view.integers(4) ?? starts.map(() => 1);
  return axes.map((axis, index) => {
    const size = view.size(0, axis);
    const step = steps[index]!;
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (bound: number) => Math.min(Math.max(bound < 0 ? bound + size : bound, low), high);
    const start = clamp(starts[index]!);
    const count = Math.max(0, Math.ceil((clamp(ends[index]!) - start) / step));
    return { axis, size, start, step, count };
  });
}

/** A rectangular part of a tensor, with steps. The gradient rule wants positive steps. */
export const slice: OperatorRule = {
  infer(view) {
    const shape = [...view.shape(0)];
    for (const { axis, count } of ranges(view)) shape[axis] = count;
    return [shape];
  },
  flops: () => 0,
  gradient(context) {
    const { graph } = context;
    let dy = context.dy;
    let shape: Shape = context.outputShape;
    const before = shape.map(() => 0);
    const after = shape.map(() => 0);
    for (const { axis, size, start, step, count } of ranges(context)) {
      if (step < 0 || count === 0) throw context.refuse('it runs backwards or takes nothing');
      if (step > 1) {
        dy = spread(context.graph, dy, { shape, axis, step });
        shape = shape.map((dim, at) => (at === axis ? count * step : dim));
      }
      before[axis] = start;
      // Negative when the zeros after the last taken value would reach past the end: Pad then crops.
      after[axis] = size - start - count * step;
    }
    return [
      [...before, ...after].some((pad) => pad !== 0) ? graph.op('Pad', [dy, graph.int64(...before, ...after)]) : dy,
    ];
  },
};

/** Puts `step - 1` zeros after every value along `axis`. */
function spread(
  graph: GraphBuilder,
  name: string,
  { shape, axis, step }: { shape: Shape; axis: number; step: number },
): string {
  const split = reshape(graph, name, [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)]);
  const pads = Array.from({ length: 2 * (shape.length + 1) }, (_, index) =>
    index === shape.length + 1 + axis + 1 ? step - 1 : 0,
  );
  const padded = graph.op('Pad', [split, graph.int64(...pads)]);
  return reshape(
    graph,
    padded,
    shape.map((dim, at) => (at === axis ? (dim as number) * step : dim)),
  );
}
