import type { ModelCut } from '@saface/core/models/import-report';
import { formatCompact } from '../../lib/format.ts';

const flops = (n: number): string => `${formatCompact(n)} FLOPs`;

/** `extractor 1.2M parameters, 800M FLOPs` */
export const describeSide = (side: ModelCut['extractor']): string =>
  `${formatCompact(side.parameters)} parameters, ${flops(side.flops)}`;

/** How much of the work for one face lies behind the cut, 0..1. */
const learnerShare = ({ extractor, learner }: ModelCut): number =>
  learner.flops / Math.max(1, extractor.flops + learner.flops);

/** `25 %` */
export const describeShare = (cut: ModelCut): string => `${Math.round(100 * learnerShare(cut))} %`;

/** How much of the model learns: what one face costs on each side. */
export const describeSides = (cut: ModelCut): string =>
  `learner ${describeShare(cut)} of ${flops(cut.extractor.flops + cut.learner.flops)}`;

/** What an import suggests where it can: the paper freezes 12 of 20 layers. */
const USUAL_SHARE = 0.4;

/** A cut whose learner is about two fifths of the work: enough to adapt, cheap enough to train beside recognition. */
export function suggestCut(cuts: readonly ModelCut[], preferred: string): string {
  const usable = cuts.filter(({ obstacle }) => obstacle === null);
  if (usable.some(({ tensor }) => tensor === preferred)) return preferred;
  const far = (cut: ModelCut) => Math.abs(learnerShare(cut) - USUAL_SHARE);
  const [nearest] = [...usable].sort((a, b) => far(a) - far(b));
  return nearest?.tensor ?? preferred;
}
