import type { MarginHead } from './head.ts';

/** Keeps the sine away from 0, where the angle has no slope. */
const limit = 1 - 1e-6;

/**
 * ArcFace (Deng et al. 2019, Eq. 3): the own angle must be smaller by m: cos(angle + m). Beyond pi - m, where that would
 * rise again, the line cosine - m sin(m) goes on, as the authors' code has it.
 */
export const arcFace: MarginHead = {
  name: 'arcface',
  scale: 64,
  margin: 0.5,
  write(graph, cosine, margin) {
    const [cosM, sinM] = [graph.op('Cos', [margin]), graph.op('Sin', [margin])];
    const kept = graph.op('Clip', [cosine, graph.scalar(-limit), graph.scalar(limit)]);
    const sine = graph.op('Sqrt', [graph.op('Sub', [graph.scalar(1), graph.op('Mul', [kept, kept])])]);
    const turned = graph.op('Sub', [graph.op('Mul', [kept, cosM]), graph.op('Mul', [sine, sinM])]);
    const turnedSlope = graph.op('Add', [cosM, graph.op('Mul', [sinM, graph.op('Div', [kept, sine])])]);
    const within = graph.op('Greater', [kept, graph.op('Neg', [cosM])]);
    const line = graph.op('Sub', [cosine, graph.op('Mul', [margin, sinM])]);
    return {
      value: graph.op('Where', [within, turned, line]),
      slope: graph.op('Where', [within, turnedSlope, graph.scalar(1)]),
    };
  },
  compute(tf, cosine, margin) {
    const [cosM, sinM] = [Math.cos(margin), Math.sin(margin)];
    const kept = cosine.clipByValue(-limit, limit);
    const turned = kept.mul(cosM).sub(tf.scalar(1).sub(kept.square()).sqrt().mul(sinM));
    // A mask of numbers: TensorFlow.js finds no slope through a comparison, and needs none.
    const mask = Float32Array.from(kept.dataSync(), (value) => (value > -cosM ? 1 : 0));
    const within = tf.tensor(mask, kept.shape);
    return turned.mul(within).add(cosine.sub(margin * sinM).mul(tf.scalar(1).sub(within)));
  },
};
