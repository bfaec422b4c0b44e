import { SafaceError } from '@saface/core';
import type { GraphBuilder } from './graph-builder.ts';

/**
 * Sizes along the axes of a tensor. A string is a size that is only known when the model runs; in a
 * normalised model that is the batch axis and nothing else.
 */
export type Shape = readonly (number | string)[];

/** The name of the batch axis in every normalised model. */
export const batchAxis = 'N';

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Product of the sizes that are known: the number of values of one sample where only the batch is not known. */
export function knownSize(shape: Shape): number {
  return shape.reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1);
}

/** Counts -1 from the end, as ONNX does. */
export function resolveAxis(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** Numpy's broadcasting, as ONNX defines it for element-wise operators. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left === right || right === 1) return left;
    if (left === 1) return right;
    throw new SafaceError(
      'invalid-input',
      `Shapes ${formatShape(a)} and ${formatShape(b)} do not go together`,
      'Export the model again with consistent shapes.',
    );
  });
}

/** The int64 operand with which Reshape yields `shape`; the one unknown size is left to be worked out. */
export function reshapeTarget(graph: GraphBuilder, shape: Shape): string {
  if (shape.filter((dim) => typeof dim === 'string').length > 1) {
    throw new SafaceError(
      'unsupported',
      `A tensor of shape ${formatShape(shape)} has two sizes that vary`,
      'Export the model with only the batch size dynamic.',
    );
  }
  return graph.int64(...shape.map((dim) => (typeof dim === 'string' ? -1 : dim)));
}

export function reshape(graph: GraphBuilder, name: string, shape: Shape): string {
  return graph.op('Reshape', [name, reshapeTarget(graph, shape)]);
}

/** Repeats `name` along its axes of size 1 until it has `shape`; axes that are not known must have their size already. */
export function expand(graph: GraphBuilder, name: string, shape: Shape): string {
  return graph.op('Expand', [name, graph.int64(...shape.map((dim) => (typeof dim === 'string' ? 1 : dim)))]);
}

/** Undoes broadcasting in a gradient: sums `name` of shape `from` over every axis along which `to` was repeated. */
export function reduceTo(graph: GraphBuilder, name: string, { from, to }: { from: Shape; to: Shape }): string {
  const lead = from.length - to.length;
  const axes = from.flatMap((dim, axis) => (axis < lead || (to[axis - lead] === 1 && dim !== 1) ? [axis] : []));
  if (axes.length === 0) return name;
  const sum = graph.op('ReduceSum', [name, graph.int64(...axes)], { keepdims: lead === 0 ? 1 : 0 });
  return lead === 0 ? sum : reshape(graph, sum, to);
}
