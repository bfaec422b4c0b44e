import { Matrix, solve } from 'ml-matrix';
import type { ChoiceInput } from './choose-weights.ts';
import { unevenedBy } from './condition-centring.ts';
import { embedProbes } from './embed.ts';
import type { FeatureBank } from './fine-tune-types.ts';
import type { LearningSet } from './learning-set.ts';

/**
 * Copies of some faces in which everything is another than who it is: mirrored, moved a little, out of focus, in other light. What they
 * change of an embedding is known without a label, a track or a second person (docs/decisions/040).
 */
export interface AlteredCopies {
  /** The probes that have copies, as rows of the feature bank. */
  readonly rows: readonly number[];
  /** Features of one kind of copy each: sample i is a copy of `rows[i]`. */
  readonly banks: readonly FeatureBank[];
}

/** The copies that lie in a bank one kind after another for each face: those of `rows[i]` from sample `starts[i]` on. */
export function copiesIn(
  bank: FeatureBank,
  {
    rows,
    starts,
    kinds,
  }: { readonly rows: readonly number[]; readonly starts: readonly number[]; readonly kinds: number },
): AlteredCopies {
  const { sampleSize } = bank;
  const banks = Array.from({ length: kinds }, (_, kind) => ({
    sampleSize,
    read: (samples: ArrayLike<number>) => bank.read(Array.from(samples, (i) => starts[i]! + kind)),
  }));
  return { rows, banks };
}

/** Probes of a track that are copied; more say little more. */
export const COPIED_PROBES = 20;

/** Fewer faces say nothing about what copies have in common, and more only take time. */
const FEWEST_FACES = 20;
const MOST_FACES = 1000;

/** Share of the mean variation that every direction is believed to have by chance; from a hundredth to three tenths it makes little difference. */
const RIDGE = 0.1;

/** Chooses the probes of a track that are copied as they come: at most `COPIED_PROBES`, about evenly over all that came. */
export class CopiedProbes {
  #seen = 0;
  #stride = 1;
  #rows: number[] = [];

  /** Rows that are still chosen. */
  get rows(): readonly number[] {
    return this.#rows;
  }

  /** The next probe of the track; whether it is one of them. Others may no longer be. */
  take(row: number): boolean {
    const isDue = this.#seen++ % this.#stride === 0;
    if (!isDue) return false;
    this.#rows.push(row);
    if (this.#rows.length > COPIED_PROBES) {
      this.#rows = this.#rows.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
    }
    return true;
  }

  /** Lets go of rows that nothing will be learnt from. */
  release(rows: Iterable<number>): void {
    const gone = new Set(rows);
    this.#rows = this.#rows.filter((row) => !gone.has(row));
  }
}

/**
 * The matrix M after which a face and its altered copies lie as near to each other as a linear map can bring them while everything
 * else stays where it was: e M is the mean of a face's copies as far as least squares can tell it from one of them (a Wiener filter).
 *
 * @param views embeddings of the same faces, n x D each: as they are, and of each kind of copy
 * @param weight what each face counts for, n numbers whose sum is 1
 * @returns D x D, row-major; null where embeddings are no numbers, or are all the same
 */
export function consistencyMatrix(views: readonly Matrix[], weight: readonly number[]): Float64Array | null {
  const { rows, columns } = views[0]!;
  const middle = views.reduce((sum, view) => sum.add(view), Matrix.zeros(rows, columns)).div(views.length);
  const centre = Matrix.rowVector(weight).mmul(middle).getRow(0);
  const total = Matrix.zeros(columns, columns);
  const changed = Matrix.zeros(columns, columns);
  for (const view of views) {
    total.add(secondMoment(view.clone().subRowVector(centre), weight));
    changed.add(secondMoment(Matrix.sub(view, middle), weight));
  }
  const variation = total.trace() / columns;
  if (!(variation > 0 && Number.isFinite(variation))) return null;
  const believed = total.add(Matrix.eye(columns).mul(RIDGE * variation));
  const matrix = Matrix.sub(Matrix.eye(columns), solve(believed, changed)).to1DArray();
  return matrix.every(Number.isFinite) ? Float64Array.from(matrix) : null;
}

/**
 * `consistencyMatrix` of a set's faces under the weights that the trainer holds, for embeddings as the last layer makes them; null where too
 * few of them have copies, or nothing may be done to the last layer.
 */
export async function consistencyOf(
  { trainer, bank, copies, options }: ChoiceInput,
  { probes, tracks }: LearningSet,
): Promise<Float64Array | null> {
  if (!copies || options.whitening === null) return null;
  const faces = copiedFaces(copies, { probes, tracks });
  if (faces === null) return null;
  const { rows, samples, weight } = faces;
  const evening = await trainer.evening();
  const viewOf = async (own: FeatureBank, at: readonly number[]): Promise<Matrix> => {
    const { values, dimension } = await embedProbes(trainer, own, at);
    const view = Matrix.from1DArray(at.length, dimension, Array.from(unevenedBy(values, dimension, evening)));
    return options.triplets.metric === 'cosine' ? unitRows(view) : view;
  };
  const views = [await viewOf(bank, rows)];
  for (const copy of copies.banks) views.push(await viewOf(copy, samples));
  return consistencyMatrix(views, weight);
}

export interface CopiedFaces {
  /** Of the feature bank. */
  readonly rows: readonly number[];
  /** Of the banks of copies. */
  readonly samples: readonly number[];
  /** What each face counts for; the sum is 1. */
  readonly weight: readonly number[];
}

/** The probes of a set that have copies, a thousand at most and all tracks alike; null where they are too few to say anything. */
export function copiedFaces(
  copies: AlteredCopies,
  { probes, tracks }: Pick<LearningSet, 'probes' | 'tracks'>,
): CopiedFaces | null {
  const sample = new Map(copies.rows.map((row, i) => [row, i]));
  const heard = evenly(tracks, MOST_FACES);
  const each = Math.floor(MOST_FACES / Math.max(1, heard.length));
  const chosen = heard.map((track) =>
    evenly(
      track.probes.map((p) => probes[p]!.row).filter((row) => sample.has(row)),
      each,
    ),
  );
  const rows = chosen.flat();
  if (rows.length < FEWEST_FACES) return null;
  // People who stay longer say more, but not in proportion.
  const weight = chosen.flatMap((own) => own.map(() => 1 / Math.sqrt(own.length)));
  const sum = weight.reduce((a, b) => a + b, 0);
  return { rows, samples: rows.map((row) => sample.get(row)!), weight: weight.map((value) => value / sum) };
}

/** At most so many of them, evenly spread. */
function evenly<T>(all: readonly T[], most: number): readonly T[] {
  const step = all.length / most;
  return step <= 1 ? all : Array.from({ length: most }, (_, i) => all[Math.floor(i * step)]!);
}

function secondMoment(rows: Matrix, weight: readonly number[]): Matrix {
  return rows
    .clone()
    .mulColumnVector([...weight])
    .transpose()
    .mmul(rows);
}

function unitRows(view: Matrix): Matrix {
  return view.divColumnVector(view.to2DArray().map((row) => Math.hypot(...row) || 1));
}
