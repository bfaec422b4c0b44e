/** How the learning rate goes over a run, after a linear warm-up. */
export interface Schedule {
  /** 'cosine' falls to 0 along half a wave; 'steps' to a tenth at each of `drops`. */
  readonly kind: 'cosine' | 'steps';
  readonly learningRate: number;
  /** Share of all steps over which the rate rises from 0. */
  readonly warmUp: number;
  /** For 'steps': shares of all steps. */
  readonly drops: readonly number[];
}

/** The learning rate of step `step` (from 0) of `steps`. */
export function learningRateAt({ kind, learningRate, warmUp, drops }: Schedule, step: number, steps: number): number {
  const rising = Math.round(warmUp * steps);
  if (step < rising) return (learningRate * (step + 1)) / rising;
  if (kind === 'steps') return learningRate * 0.1 ** drops.filter((drop) => step >= drop * steps).length;
  const done = (step - rising) / Math.max(1, steps - rising);
  return learningRate * 0.5 * (1 + Math.cos(Math.PI * done));
}
