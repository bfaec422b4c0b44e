import { reduceTo } from '../shape.ts';
import type { OperatorRule, OperatorView } from './operator.ts';

function matrices(view: OperatorView) {
  const [a, b] = [view.shape(0), view.shape(1)];
  if (a.length !== 2 || b.length !== 2) throw view.refuse('its operands are not matrices');
  const transposeA = view.int('transA', 0) === 1;
  const transposeB = view.int('transB', 0) === 1;
  return {
    transposeA,
    transposeB,
    rows: a[transposeA ? 1 : 0]!,
    inner: a[transposeA ? 0 : 1]!,
    columns: b[transposeB ? 0 : 1]!,
    innerB: b[transposeB ? 1 : 0]!,
  };
}

/** alpha A' B' + beta C, where A' and B' are A and B or their transposes. */
export const gemm: OperatorRule = {
  trainable: [1, 2],
  infer(view) {
    const { rows, columns, inner, innerB } = matrices(view);
    if (inner !== innerB) throw view.refuse(`it multiplies ${inner} columns with ${innerB} rows`);
    return [[rows, columns]];
  },
  flops(view) {
    const { rows, columns, inner } = matrices(view);
    return (
      2 *
      [rows, columns, inner].reduce<number>((product, dim) => (typeof dim === 'number' ? product * dim : product), 1)
    );
  },
  gradient(context) {
    const { graph, dy } = context;
    const { transposeA, transposeB } = matrices(context);
    const alpha = context.float('alpha', 1);
    const beta = context.float('beta', 1);
    const [a, b] = [context.input(0), context.input(1)];
    const product = (left: string, right: string, transA: boolean, transB: boolean) =>
      graph.op('Gemm', [left, right], { alpha, transA: transA ? 1 : 0, transB: transB ? 1 : 0 });
    const left = () => (transposeA ? product(b, dy, transposeB, true) : product(dy, b, false, !transposeB));
    const right = () => (transposeB ? product(dy, a, true, transposeA) : product(a, dy, !transposeA, false));
    const bias = () => {
      const scaled = beta === 1 ? dy : graph.op('Mul', [dy, graph.scalar(beta)]);
      return reduceTo(graph, scaled, { from: context.outputShape, to: context.shape(2) });
    };
    return [
      context.wants(0) ? left() : undefined,
      context.wants(1) ? right() : undefined,
      context.wants(2) ? bias() : undefined,
    ];
  },
};
