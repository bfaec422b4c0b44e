import type { MarginHead } from './head.ts';

/** CosFace (Wang et al. 2018, Eq. 4): the own cosine must be larger by m. */
export const cosFace: MarginHead = {
  name: 'cosface',
  scale: 64,
  margin: 0.35,
  write(graph, cosine, margin) {
    return { value: graph.op('Sub', [cosine, margin]), slope: graph.scalar(1) };
  },
  compute: (_, cosine, margin) => cosine.sub(margin),
};
