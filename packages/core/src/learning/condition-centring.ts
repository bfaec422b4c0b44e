import { Matrix, solve } from 'ml-matrix';
import type { FeatureBank } from './fine-tune-types.ts';
import type { LearningSet } from './learning-set.ts';

/**
 * What faces seen under the same conditions have in common on a camera, to be added to (mostly: taken out of) their embeddings. The
 * conditions, such as size, blur, light and angle, are read from the mean of each feature channel (docs/decisions/027).
 */
export interface ConditionCentring extends LevelScale {
  /** C x D, row-major: what is added to an embedding for each unit of a standardised level. */
  readonly slopes: Float64Array;
  /** D: what is added to every embedding. */
  readonly offset: Float64Array;
  readonly length: Evening | null;
}

/** What becomes of an embedding z: kept z + evened z / |z|. */
export interface Evening {
  readonly kept: number;
  readonly evened: number;
}

/** How the mean of each feature channel becomes a standardised level: LEVEL_LIMIT at most, either way. */
export interface LevelScale {
  /** C: what is a level of 0. */
  readonly centre: Float64Array;
  /** C: levels for each unit; 0 where a channel hardly varies. */
  readonly scale: Float64Array;
}

export interface CentringOptions {
  /** Share of what faces under the same conditions have in common that is taken out, 0..1. */
  readonly share: number;
  /** How much of the differences in length is taken out, 0..1; of all of it nothing is left to whiten by. Angles do not see it. */
  readonly evenness: number;
}

/** Standard deviations beyond which a channel says no more: pictures that people enrol with were not taken by this camera. */
export const LEVEL_LIMIT = 3;

/** Rows of a bank at once: their features are never all in memory. */
const CHUNK = 64;
/** Share of its variation that each channel is believed to have by chance (ridge regression): channels are many, tracks few. */
const RIDGE = 0.3;
/** Variation of a channel, against the square of its mean, from which it counts. */
const LEAST_VARIATION = 1e-6;

/** Mean of each feature channel, n x C; features are [C, ...image] for each row. */
export async function channelMeans(
  bank: FeatureBank,
  rows: readonly number[],
  featureShape: readonly number[],
): Promise<Matrix> {
  const channels = featureShape[0]!;
  const area = bank.sampleSize / channels;
  const means = Matrix.zeros(rows.length, channels);
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.slice(start, start + CHUNK);
    const values = await bank.read(chunk);
    for (let i = 0; i < chunk.length * channels; i++) {
      let sum = 0;
      for (let at = i * area; at < (i + 1) * area; at++) sum += values[at]!;
      means.set(start + Math.floor(i / channels), i % channels, sum / area);
    }
  }
  return means;
}

/**
 * How far channels vary on this camera; null where none does, or features are no numbers.
 * @param means of the set's probes, n x C
 */
export function fitLevels(set: LearningSet, means: Matrix): LevelScale | null {
  const weight = shares(set);
  const columns = Array.from({ length: means.columns }, (_, c) => means.getColumn(c));
  const centre = Float64Array.from(columns, (column) => weightedMean(column, weight));
  const scale = Float64Array.from(columns, (column, c) => {
    const variation = weightedMean(
      column.map((value) => (value - centre[c]!) ** 2),
      weight,
    );
    // A channel that hardly varies would need a slope that rounding alone can move.
    return variation > LEAST_VARIATION * Math.max(centre[c]! ** 2, 1e-6) ? 1 / Math.sqrt(variation) : 0;
  });
  return centre.every(Number.isFinite) && scale.some((value) => value > 0) ? { centre, scale } : null;
}

/** Standardised levels, n x C. */
export function readLevels({ centre, scale }: LevelScale, means: Matrix): Matrix {
  const levels = means.clone();
  for (let i = 0; i < levels.rows; i++)
    for (let c = 0; c < levels.columns; c++) {
      const level = (levels.get(i, c) - centre[c]!) * scale[c]!;
      levels.set(i, c, Math.min(LEVEL_LIMIT, Math.max(-LEVEL_LIMIT, level)));
    }
  return levels;
}

/** A camera's faces: what was learnt of how they are seen, and what they look like without any centring. */
export interface SeenFaces {
  readonly scale: LevelScale;
  /** As `readLevels` has them, by probe. */
  readonly levels: Matrix;
  readonly embeddings: Float32Array;
}

/**
 * What a set's embeddings have in common by conditions, for any share of it: how one face changes with its levels, by least squares
 * over what probes differ from their track's mean. Who was seen under which conditions is chance, and must not look like a matter
 * of these. Null where the embeddings are no numbers.
 *
 * Where lengths are evened, what is left in common is taken out as well, which distances do not see, and lengths are about
 * what they were in the mean: two people stay about as far apart.
 */
export function centringsOf(
  set: LearningSet,
  { scale, levels, embeddings }: SeenFaces,
): ((options: CentringOptions) => ConditionCentring) | null {
  const weight = shares(set);
  const dimension = embeddings.length / Math.max(1, set.probes.length);
  const row = Matrix.rowVector(weight);
  const values = Matrix.from1DArray(set.probes.length, dimension, Array.from(embeddings));
  const [level, common] = [levels, values].map((rows) => row.mmul(rows).getRow(0));
  const [changes, changed] = [levels, values].map((rows) => withinTracks(set, rows)) as [Matrix, Matrix];
  const weighted = changes.clone().mulColumnVector(weight).transpose();
  const slopes = solve(weighted.mmul(changes).add(Matrix.eye(levels.columns).mul(RIDGE)), weighted.mmul(changed));
  if (![...slopes.to1DArray(), ...common!].every(Number.isFinite)) return null;
  const atCentre = Matrix.rowVector(level!).mmul(slopes).getRow(0);
  return ({ share, evenness }) => {
    const partly: ConditionCentring = {
      ...scale,
      slopes: Float64Array.from(slopes.to1DArray(), (value) => -share * value),
      offset: Float64Array.from(common!, (value, d) => -share * (value - atCentre[d]!)),
      length: null,
    };
    return evenness === 0 ? partly : evenedOut(partly, { levels, embeddings, weight, evenness });
  };
}

function evenedOut(
  centring: ConditionCentring,
  of: Pick<SeenFaces, 'levels' | 'embeddings'> & { readonly weight: readonly number[]; readonly evenness: number },
): ConditionCentring {
  const dimension = centring.offset.length;
  const left = centred(of.embeddings, of.levels, centring);
  const middle = new Float64Array(dimension);
  left.forEach((value, i) => {
    middle[i % dimension]! += value * of.weight[Math.floor(i / dimension)]!;
  });
  let square = 0;
  left.forEach((value, i) => {
    square += of.weight[Math.floor(i / dimension)]! * (value - middle[i % dimension]!) ** 2;
  });
  return {
    ...centring,
    offset: centring.offset.map((value, d) => value - middle[d]!),
    length: { kept: 1 - of.evenness, evened: of.evenness * Math.sqrt(square) },
  };
}

/** What each probe differs from its track's mean. */
function withinTracks({ tracks }: LearningSet, values: Matrix): Matrix {
  const rows = values.clone();
  for (const { probes } of tracks) {
    const mean = rows.subMatrixRow([...probes]).mean('column');
    for (const p of probes) rows.setRow(p, Matrix.rowVector(rows.getRow(p)).subRowVector(mean));
  }
  return rows;
}

/** Embeddings, one after another, as the learner makes them with this centring; without any they were `values`. */
export function centred(values: Float32Array, levels: Matrix, { slopes, offset, length }: ConditionCentring) {
  const dimension = offset.length;
  const added = levels.mmul(Matrix.from1DArray(levels.columns, dimension, slopes));
  const result = values.map(
    (value, i) => value + added.get(Math.floor(i / dimension), i % dimension) + offset[i % dimension]!,
  );
  return evenedBy(result, dimension, length);
}

/** Embeddings, one after another, with other lengths; null = as they are. */
export function evenedBy(values: Float32Array, dimension: number, evening: Evening | null): Float32Array {
  return evening ? withLengths(values, dimension, (length) => evening.kept * length + evening.evened) : values;
}

/** What `evenedBy` had before; it has to have kept something. */
export function unevenedBy(values: Float32Array, dimension: number, evening: Evening | null): Float32Array {
  return evening
    ? withLengths(values, dimension, (length) => Math.max(0, length - evening.evened) / evening.kept)
    : values;
}

function withLengths(
  values: Float32Array,
  dimension: number,
  next: (length: number) => number,
): Float32Array<ArrayBuffer> {
  const result = Float32Array.from(values);
  for (let at = 0; at < result.length; at += dimension) {
    const own = result.subarray(at, at + dimension);
    const length = Math.hypot(...own);
    // What has no length has no direction either.
    if (length > 0) for (let d = 0; d < dimension; d++) own[d]! *= next(length) / length;
  }
  return result;
}

/** What each probe counts for, 1 in all: people who stay longer say more, but not in proportion. */
function shares({ probes, tracks }: LearningSet): number[] {
  const weight = probes.map(({ track }) => 1 / Math.sqrt(tracks[track]!.probes.length));
  const total = weight.reduce((sum, value) => sum + value, 0);
  return weight.map((value) => value / total);
}

function weightedMean(values: readonly number[], weight: readonly number[]): number {
  return values.reduce((sum, value, i) => sum + value * weight[i]!, 0);
}
