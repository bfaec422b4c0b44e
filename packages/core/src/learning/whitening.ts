import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { LearningSet } from './learning-set.ts';
import type { Embedded } from './track-distances.ts';

/** How much embeddings vary, as D x D second moments of their differences, halved. */
export interface TrackStatistics {
  /** Mean of the tracks' means, of embeddings as they are: what everybody whom this camera sees has in common. */
  readonly common: Float64Array;
  /** Among probes of one track: what this camera changes about one face. */
  readonly within: Matrix;
  /** Its eigenvectors, which no shrinkage changes. */
  readonly axes: Axes;
  /** Between probes of tracks that shared a frame: two people, seen by this camera. Null when nobody was seen beside another. */
  readonly between: Matrix | null;
}

export interface WhiteningOptions {
  /** How much of the variation within tracks is believed to be the same in all directions, 0..1; 1 leaves the embedding as it is. */
  readonly shrinkage: number;
  /** Power of the variation between people by which a direction is stretched; 0 = none. */
  readonly emphasis: number;
  /** Share of what everybody has in common that is taken out, 0..1. Distances do not see it, angles do. */
  readonly centring: number;
}

/** Embedding e becomes e M + b. */
export interface EmbeddingMap {
  /** M: D x D, row-major. */
  readonly matrix: Float64Array;
  /** b: D numbers; null = 0. */
  readonly offset: Float64Array | null;
}

/** Probes below which a track says nothing about how one face varies; and from which on it says no more. */
const FEWEST_PROBES = 5;
const MOST_PROBES = 50;
/** Share of the variation between people that is believed to be the same in all directions: people are few, directions many. */
const BETWEEN_SHRINKAGE = 0.5;

/** Null when no track is long enough, or its embeddings do not vary or are no numbers. */
export function trackStatistics(set: LearningSet, { values, dimension, metric }: Embedded): TrackStatistics | null {
  const raw = (p: number) => values.subarray(p * dimension, (p + 1) * dimension);
  const rowOf = (p: number) => {
    const row = Float64Array.from(raw(p));
    const length = metric === 'cosine' ? Math.hypot(...row) || 1 : 1;
    return row.map((value) => value / length);
  };
  const within = Matrix.zeros(dimension, dimension);
  const common = new Float64Array(dimension);
  let weight = 0;
  const means = set.tracks.map(({ probes }) => {
    for (const p of probes)
      raw(p).forEach((value, d) => {
        common[d]! += value / probes.length / set.tracks.length;
      });
    const rows = new Matrix(probes.map(rowOf));
    const mean = rows.mean('column');
    if (probes.length >= FEWEST_PROBES) {
      const each = Math.min(probes.length, MOST_PROBES) / probes.length;
      within.add(gram(rows.subRowVector(mean)).mul(each));
      weight += each * probes.length;
    }
    return mean;
  });
  within.div(weight);
  // Also not finite where there was no weight, or where embeddings are no numbers; 0 where all have collapsed into one.
  if (!(within.trace() > 0 && Number.isFinite(within.trace()))) return null;
  const between = Matrix.zeros(dimension, dimension);
  let pairs = 0;
  set.tracks.forEach(({ strangers }, t) => {
    const others = strangers.filter((s) => s > t);
    if (others.length === 0) return;
    between.add(gram(new Matrix(others.map((s) => means[s]!)).subRowVector(means[t]!)));
    pairs += others.length;
  });
  // Two probes differ by their tracks' means and by what each track varies, whose halves add up to one `within`.
  return { common, within, axes: axesOf(within), between: pairs > 0 ? between.div(2 * pairs).add(within) : null };
}

/**
 * The map after which one person varies equally in all directions, as far as `shrinkage` believes the tracks (relevant component
 * analysis, with tracks for chunklets), directions that tell people apart are stretched, and what everybody has in common is taken
 * out. Under the Euclidean metric two people stay as far apart as they were on average, so that margins keep their meaning; under
 * the cosine metric no map's length matters.
 */
export function whiteningMap(
  statistics: TrackStatistics,
  { shrinkage, emphasis, centring }: WhiteningOptions,
): EmbeddingMap {
  const matrix = whiteningMatrix(statistics, { shrinkage, emphasis });
  if (centring === 0) return { matrix, offset: null };
  const dimension = statistics.common.length;
  const offset = times(statistics.common, { matrix, offset: null }, dimension);
  return { matrix, offset: offset.map((value) => -centring * value) };
}

function whiteningMatrix(
  { within, axes, between }: TrackStatistics,
  { shrinkage, emphasis }: Omit<WhiteningOptions, 'centring'>,
): Float64Array {
  let matrix = power(axes, shrinkage, -0.5);
  if (between) {
    const spread = () => matrix.transpose().mmul(between).mmul(matrix);
    if (emphasis > 0) matrix = matrix.mmul(power(axesOf(spread()), BETWEEN_SHRINKAGE, emphasis));
    matrix.mul(Math.sqrt(between.trace() / spread().trace()));
  } else {
    matrix.mul(Math.sqrt(within.trace() / within.rows));
  }
  return Float64Array.from(matrix.to1DArray());
}

/** What changes nothing. */
export function identityMap(dimension: number): EmbeddingMap {
  return { matrix: Float64Array.from(Matrix.eye(dimension).to1DArray()), offset: null };
}

/** One map, and then another. */
export function mapAfter(first: EmbeddingMap, second: EmbeddingMap): EmbeddingMap {
  const dimension = Math.sqrt(first.matrix.length);
  const linear = { matrix: second.matrix, offset: null };
  const matrix = times(first.matrix, linear, dimension);
  const moved = first.offset && times(first.offset, linear, dimension);
  const offset =
    moved && second.offset ? moved.map((value, d) => value + second.offset![d]!) : (moved ?? second.offset);
  return { matrix, offset };
}

/** Embeddings, one after another, under a map. */
export function mapped(values: Float32Array, map: EmbeddingMap, dimension: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(times(values, map, dimension));
}

function times(values: ArrayLike<number>, { matrix, offset }: EmbeddingMap, dimension: number): Float64Array {
  const product = new Float64Array(values.length);
  for (let row = 0; row < values.length; row += dimension) {
    if (offset) product.set(offset, row);
    for (let k = 0; k < dimension; k++) {
      const value = values[row + k]!;
      for (let d = 0; d < dimension; d++) product[row + d]! += value * matrix[k * dimension + d]!;
    }
  }
  return product;
}

interface Axes {
  /** Orthonormal columns, with the variation along each. */
  readonly vectors: Matrix;
  readonly values: readonly number[];
}

function axesOf(symmetric: Matrix): Axes {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true });
  return { vectors: eigenvectorMatrix, values: realEigenvalues };
}

/** A power of a second moment of which `shrinkage` is believed to be the same in all directions. */
function power({ vectors, values }: Axes, shrinkage: number, exponent: number): Matrix {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const raised = values.map((value) => Math.max((1 - shrinkage) * value + shrinkage * mean, mean * 1e-9) ** exponent);
  return vectors.mmul(Matrix.diag(raised)).mmul(vectors.transpose());
}

function gram(rows: Matrix): Matrix {
  return rows.transpose().mmul(rows);
}
