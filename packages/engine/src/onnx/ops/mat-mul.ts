import { broadcast, knownSize, reduceTo } from '../shape.ts';
import type { GradientContext, OperatorRule, OperatorView } from './operator.ts';

function operands(view: OperatorView) {
  const [a, b] = [view.shape(0), view.shape(1)];
  if (a.length < 2 || b.length < 2) throw view.refuse('one of its operands is a vector');
  if (a.at(-1) !== b.at(-2)) throw view.refuse(`it multiplies ${a.at(-1)} columns with ${b.at(-2)} rows`);
  return { a, b, batch: broadcast(a.slice(0, -2), b.slice(0, -2)), inner: view.size(1, b.length - 2) };
}

function transposed({ graph }: GradientContext, name: string, rank: number): string {
  const perm = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  return graph.op('Transpose', [name], { perm });
}

/** Matrix product over the last two axes, broadcast over the others. */
export const matMul: OperatorRule = {
  trainable: [1],
  infer(view) {
    const { a, b, batch } = operands(view);
    return [[...batch, a.at(-2)!, b.at(-1)!]];
  },
  flops(view) {
    const { a, b, batch, inner } = operands(view);
    return 2 * inner * knownSize([...batch, a.at(-2)!, b.at(-1)!]);
  },
  gradient(context) {
    const { graph, dy } = context;
    const { a, b, inner } = operands(context);
    const left = () => {
      const product = graph.op('MatMul', [dy, transposed(context, context.input(1), b.length)]);
      return reduceTo(graph, product, { from: [...context.outputShape.slice(0, -1), inner], to: a });
    };
    const right = () => {
      // One matrix for all of A's batch: fold the batch into rows rather than sum a gradient per member.
      if (b.length === 2 && a.length > 2) {
        const rows = graph.op('Reshape', [context.input(0), graph.int64(-1, inner)]);
        return graph.op('Gemm', [rows, graph.op('Reshape', [dy, graph.int64(-1, context.size(1, 1))])], { transA: 1 });
      }
      const product = graph.op('MatMul', [transposed(context, context.input(0), a.length), dy]);
      return reduceTo(graph, product, { from: [...context.outputShape.slice(0, -2), inner, b.at(-1)!], to: b });
    };
    return [context.wants(0) ? left() : undefined, context.wants(1) ? right() : undefined];
  },
};
