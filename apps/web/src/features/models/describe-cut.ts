import type { ModelCut } from '@saface/core/models/import-report';
import { formatCompact } from '../../lib/format.ts';

const flops = (n: number): string => `${formatCompact(n)} FLOPs`;

/** `extractor 1.2M parameters, 800M FLOPs` */
export const describeSide = (side: ModelCut['extractor']): string =>
  `${formatCompact(side.parameters)} parameters, ${flops(side.flops)}`;

/** How much of the model learns: what one face costs on each side. */
export function describeSides({ extractor, learner }: ModelCut): string {
  const all = extractor.flops + learner.flops;
  const share = all > 0 ? Math.round((100 * learner.flops) / all) : 0;
  return `learner ${share} % of ${flops(all)}`;
}

/** A cut whose learner is about a quarter of the work: enough to adapt, cheap enough to train beside recognition. */
export function suggestCut(cuts: readonly ModelCut[], preferred: string): string {
  const usable = cuts.filter(({ obstacle }) => obstacle === null);
  if (usable.some(({ tensor }) => tensor === preferred)) return preferred;
  const share = ({ extractor, learner }: ModelCut) => learner.flops / Math.max(1, extractor.flops + learner.flops);
  const [nearest] = [...usable].sort((a, b) => Math.abs(share(a) - 0.25) - Math.abs(share(b) - 0.25));
  return nearest?.tensor ?? preferred;
}
