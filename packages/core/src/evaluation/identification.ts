import { SafaceError } from '../errors.ts';

/** One search of the gallery, with the truth beside it. */
export interface SearchOutcome {
  /** The person is enrolled (mated search). */
  readonly mated: boolean;
  /** The nearest identity is the right one; meaningless when not mated. */
  readonly correct: boolean;
  /** Distance of the nearest identity. */
  readonly distance: number;
}

export interface IdentificationReport {
  readonly mated: number;
  readonly nonMated: number;
  /** Share of mated searches whose nearest identity is right; null without mated searches. */
  readonly rank1: number | null;
}

export function identificationReport(searches: readonly SearchOutcome[]): IdentificationReport {
  const mated = searches.filter((s) => s.mated);
  return {
    mated: mated.length,
    nonMated: searches.length - mated.length,
    rank1: mated.length > 0 ? mated.filter((s) => s.correct).length / mated.length : null,
  };
}

/**
 * Open-set identification: at the largest threshold that raises a false name for at most `fpir` of the non-mated
 * searches, the share of mated searches that get no name or a wrong one.
 *
 * @throws SafaceError `invalid-input` without mated or non-mated searches.
 */
export function fnirAtFpir(
  searches: readonly SearchOutcome[],
  fpir: number,
): { fnir: number; fpir: number; threshold: number } {
  const strangers = searches.filter((s) => !s.mated).map((s) => s.distance);
  const mated = searches.filter((s) => s.mated);
  if (strangers.length === 0 || mated.length === 0) {
    throw new SafaceError(
      'invalid-input',
      `FNIR needs searches of enrolled people and of strangers, but got ${mated.length} and ${strangers.length}`,
      'Enrol some of the people in the labelled set and leave others out.',
    );
  }
  strangers.sort((a, b) => a - b);
  const allowed = Math.floor(fpir * strangers.length + 1e-9);
  // Just below the first stranger that may not pass; with every stranger allowed, everything passes.
  const limit = allowed >= strangers.length ? Number.POSITIVE_INFINITY : strangers[allowed]!;
  const passed = strangers.filter((d) => d < limit).length;
  const found = mated.filter((s) => s.correct && s.distance < limit).length;
  return { fnir: 1 - found / mated.length, fpir: passed / strangers.length, threshold: limit };
}
