import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { LearningSet } from './learning-set.ts';
import type { Embedded } from './track-distances.ts';

/** How much embeddings vary, as D x D second moments of their differences, halved. */
export interface TrackStatistics {
  /** Among probes of one track: what this camera changes about one face. */
  readonly within: Matrix;
  /** Between probes of tracks that shared a frame: two people, seen by this camera. Null when nobody was seen beside another. */
  readonly between: Matrix | null;
}

export interface WhiteningOptions {
  /** How much of the variation within tracks is believed to be the same in all directions, 0..1; 1 leaves the embedding as it is. */
  readonly shrinkage: number;
  /** Power of the variation between people by which a direction is stretched; 0 = none. */
  readonly emphasis: number;
}

/** Probes below which a track says nothing about how one face varies; and from which on it says no more. */
const FEWEST_PROBES = 5;
const MOST_PROBES = 50;
/** Share of the variation between people that is believed to be the same in all directions: people are few, directions many. */
const BETWEEN_SHRINKAGE = 0.5;

/** Null when no track is long enough. */
export function trackStatistics(set: LearningSet, { values, dimension, metric }: Embedded): TrackStatistics | null {
  const rows = new Matrix(set.probes.length, dimension);
  for (let i = 0; i < set.probes.length; i++) {
    const row = values.subarray(i * dimension, (i + 1) * dimension);
    const length = metric === 'cosine' ? Math.hypot(...row) || 1 : 1;
    for (let j = 0; j < dimension; j++) rows.set(i, j, row[j]! / length);
  }
  const means = set.tracks.map(({ probes }) => Matrix.rowVector(rows.subMatrixRow([...probes]).mean('column')));
  const deviations: number[][] = [];
  let weight = 0;
  set.tracks.forEach(({ probes }, t) => {
    if (probes.length < FEWEST_PROBES) return;
    const each = Math.min(probes.length, MOST_PROBES) / probes.length;
    weight += each * probes.length;
    for (const p of probes) deviations.push(Matrix.sub(rows.getRowVector(p), means[t]!).mul(Math.sqrt(each)).getRow(0));
  });
  if (deviations.length === 0) return null;
  const within = moment(deviations, weight);
  const differences = set.tracks.flatMap(({ strangers }, t) =>
    strangers.filter((s) => s > t).map((s) => Matrix.sub(means[t]!, means[s]!).getRow(0)),
  );
  // Two probes differ by their tracks' means and by what each track varies, whose halves add up to one `within`.
  const between = differences.length > 0 ? moment(differences, 2 * differences.length).add(within) : null;
  return { within, between };
}

/**
 * The D x D matrix (embedding e becomes e M, row-major) after which one person varies equally in all directions, as far as
 * `shrinkage` believes the tracks (relevant component analysis, with tracks for chunklets), and directions that tell people
 * apart are stretched. Two people stay as far apart as they were on average, so margins and thresholds keep their meaning.
 */
export function whiteningMatrix(
  { within, between }: TrackStatistics,
  { shrinkage, emphasis }: WhiteningOptions,
): Float64Array {
  let matrix = power(shrink(within, shrinkage), -0.5);
  if (between) {
    const spread = () => matrix.transpose().mmul(between).mmul(matrix);
    if (emphasis > 0) matrix = matrix.mmul(power(shrink(spread(), BETWEEN_SHRINKAGE), emphasis));
    matrix.mul(Math.sqrt(between.trace() / spread().trace()));
  } else {
    matrix.mul(Math.sqrt(within.trace() / within.rows));
  }
  return Float64Array.from(matrix.to1DArray());
}

function moment(rows: readonly number[][], weight: number): Matrix {
  const matrix = new Matrix(rows as number[][]);
  return matrix.transpose().mmul(matrix).div(weight);
}

function shrink(moment: Matrix, share: number): Matrix {
  const size = moment.rows;
  return Matrix.mul(moment, 1 - share).add(Matrix.eye(size).mul((share * moment.trace()) / size));
}

/** Power of a symmetric positive matrix. */
function power(matrix: Matrix, exponent: number): Matrix {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const largest = Math.max(...realEigenvalues);
  const raised = realEigenvalues.map((value) => Math.max(value, largest * 1e-9) ** exponent);
  return eigenvectorMatrix.mmul(Matrix.diag(raised)).mmul(eigenvectorMatrix.transpose());
}
