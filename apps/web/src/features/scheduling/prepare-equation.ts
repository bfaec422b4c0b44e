import { trainingBatch } from '@saface/core/scheduling/eq2';

export interface EquationInput {
  alpha: number;
  nE: number | null;
  bMax: number | null;
  /** sum NP_i / N_E as the edge measured it last; null when it has not. */
  load: number | null;
  /** B_t as the edge decided it last; null when it has not. */
  batch: number | null;
}

export interface Equation {
  /** The right-hand side with the figures of now, e.g. `max(0, 12 × (1 − 1 × 0.35)) = 7.8`; null while a figure is missing. */
  withNumbers: string | null;
  /** In words. */
  explanation: string;
  batch: number | null;
}

const short = (n: number) => String(Number(n.toFixed(n >= 100 ? 0 : n >= 10 ? 1 : 2)));

/** Eq. 2 with the figures of this moment. */
export function prepareEquation({ alpha, nE, bMax, load, batch }: EquationInput): Equation {
  if (nE === null || bMax === null) {
    return {
      withNumbers: null,
      batch,
      explanation: 'The edge has not measured N_E and B_max yet: it does when it starts.',
    };
  }
  if (load === null) {
    return { withNumbers: null, batch, explanation: 'The edge has not reported its load lately: see Fleet.' };
  }
  const right = bMax * (1 - alpha * load);
  return {
    withNumbers: `max(0, ${short(bMax)} × (1 − ${short(alpha)} × ${short(load * nE)} / ${short(nE)})) = ${short(Math.max(0, right))}`,
    explanation: trainingBatch({ alpha, nE, bMax, load: load * nE }).explanation,
    batch,
  };
}
