import { Matrix, solve } from 'ml-matrix';
import type { FeatureBank } from './fine-tune-types.ts';
import type { LearningSet } from './learning-set.ts';

/** Sizes between which an offset is interpolated; it stays as it is below the least and above the greatest. */
export const SIZE_KNOTS = 5;

/**
 * What all faces of one size have in common on a camera, to be added to (mostly: taken out of) their embeddings. The size is read
 * from the features, as sharpness shows it; so faces that are blurred by something else are centred like small ones.
 */
export interface SizeCentring {
  /** size = origin + sum over channels of the mean of the channel x gauge[channel]; the logarithm of pixels. */
  readonly gauge: Float64Array;
  readonly origin: number;
  /** SIZE_KNOTS sizes, ascending. */
  readonly knots: Float64Array;
  /** SIZE_KNOTS x D, row-major: what is added to an embedding at each knot. */
  readonly offsets: Float64Array;
  /** What becomes of a centred embedding z then: kept z + evened z / |z|. Null = z. */
  readonly length: { readonly kept: number; readonly evened: number } | null;
}

export interface CentringOptions {
  /** Share of what faces of one size have in common that is taken out, 0..1. */
  readonly share: number;
  /** How much of the differences in length is taken out, 0..1. Angles do not see it. */
  readonly evenness: number;
}

/** How sizes are read from features. */
export type SizeGauge = Omit<SizeCentring, 'offsets' | 'length'>;

/** Rows of a bank at once: their features are never all in memory. */
const CHUNK = 64;
/** Share of the least variation that is believed to be in every channel (ridge regression): channels are many, tracks few. */
const RIDGE = 0.1;
/** Spread of sizes (standard deviation of the logarithm) below which they say nothing: some 10 % about the mean. */
const LEAST_SPREAD = 0.1;
/** Variation of a channel, against the square of its mean, from which it counts. */
const LEAST_VARIATION = 1e-6;
/** Between two knots, as logarithms: closer ones would make slopes that single precision cannot carry. */
const LEAST_STEP = 0.01;
/** Share of a probe that is believed to lie at every knot, so that an empty knot does not run away. */
const KNOT_RIDGE = 1e-3;
/** Share of the probes beyond the first and the last knot. */
const TAIL = 0.02;

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
 * Learns to read from the features how large a face was in the picture. It sees how large, not who; null where all are of about one size.
 * @param means of the set's probes, n x C
 */
export function fitGauge(set: LearningSet, means: Matrix): SizeGauge | null {
  const weight = shares(set);
  const sizes = set.probes.map(({ box }) => Math.log(Math.max(1, Math.sqrt(box.width * box.height))));
  const middle = weightedMean(sizes, weight);
  const spread = Math.sqrt(
    weightedMean(
      sizes.map((size) => (size - middle) ** 2),
      weight,
    ),
  );
  if (!(spread >= LEAST_SPREAD)) return null;
  const columns = Array.from({ length: means.columns }, (_, c) => means.getColumn(c));
  const centre = columns.map((column) => weightedMean(column, weight));
  const scale = columns.map((column, c) => {
    const variation = weightedMean(
      column.map((value) => (value - centre[c]!) ** 2),
      weight,
    );
    // A channel that hardly varies would need a slope that rounding alone can move.
    return variation > LEAST_VARIATION * Math.max(centre[c]! ** 2, 1e-6) ? 1 / Math.sqrt(variation) : 0;
  });
  const standard = means.clone().subRowVector(centre).mulRowVector(scale);
  const weighted = standard.clone().mulColumnVector(weight);
  const normal = standard.transpose().mmul(weighted).add(Matrix.eye(means.columns).mul(RIDGE));
  const target = weighted.transpose().mmul(Matrix.columnVector(sizes.map((size) => size - middle)));
  const slopes = solve(normal, target).getColumn(0);
  const gauge = Float64Array.from(slopes, (slope, c) => slope * scale[c]!);
  const origin = middle - gauge.reduce((sum, slope, c) => sum + slope * centre[c]!, 0);
  const knots = spacedKnots(readSizes({ gauge, origin }, means), weight);
  return knots && gauge.every(Number.isFinite) ? { gauge, origin, knots } : null;
}

/** The size that the gauge reads for each row of `means`. */
export function readSizes({ gauge, origin }: Pick<SizeGauge, 'gauge' | 'origin'>, means: Matrix): number[] {
  return means
    .mmul(Matrix.columnVector([...gauge]))
    .getColumn(0)
    .map((size) => size + origin);
}

/** Knots with about as many probes between any two; null where two of them lie together. */
function spacedKnots(sizes: readonly number[], weight: readonly number[]): Float64Array | null {
  const order = sizes.map((_, i) => i).sort((a, b) => sizes[a]! - sizes[b]!);
  const knots = new Float64Array(SIZE_KNOTS);
  let next = 0;
  let seen = 0;
  for (const i of order) {
    seen += weight[i]!;
    while (next < SIZE_KNOTS && seen >= TAIL + ((1 - 2 * TAIL) * next) / (SIZE_KNOTS - 1)) knots[next++] = sizes[i]!;
  }
  return knots.every((knot, i) => i === 0 || knot - knots[i - 1]! > LEAST_STEP) ? knots : null;
}

/**
 * What faces have in common at each knot, SIZE_KNOTS x D: how one face changes with its size, by least squares over what probes differ
 * from their track's mean, about the mean of all. Who is seen small and who large is chance, and must not look like a matter of size.
 * @param sizes as the gauge reads them, by probe
 */
function meansBySize(
  set: LearningSet,
  sizes: readonly number[],
  { embeddings, knots }: { readonly embeddings: Float32Array; readonly knots: Float64Array },
): Matrix {
  const weight = shares(set);
  const parts = new Matrix(sizes.map((size) => [...interpolation(knots, size)]));
  const values = Matrix.from1DArray(sizes.length, embeddings.length / sizes.length, Array.from(embeddings));
  const [middleParts, middle] = [parts, values].map((rows) => Matrix.rowVector(weight).mmul(rows)) as [Matrix, Matrix];
  for (const { probes } of set.tracks)
    for (const rows of [parts, values]) {
      const mean = rows.subMatrixRow([...probes]).mean('column');
      for (const p of probes) rows.setRow(p, Matrix.rowVector(rows.getRow(p)).subRowVector(mean));
    }
  const weighted = parts.clone().mulColumnVector(weight);
  const normal = parts.transpose().mmul(weighted).add(Matrix.eye(SIZE_KNOTS).mul(KNOT_RIDGE));
  const change = solve(normal, weighted.transpose().mmul(values));
  return change.addRowVector(middle.sub(middleParts.mmul(change)));
}

/**
 * The centring of a set's embeddings. Where lengths are evened, what is left in common is taken out as well, which distances do not
 * see, and the mean square of the lengths stays what it was: two people are as far apart as before on average.
 */
export function centringOf(
  set: LearningSet,
  { gauge, sizes, embeddings }: { gauge: SizeGauge; sizes: readonly number[]; embeddings: Float32Array },
  { share, evenness }: CentringOptions,
): SizeCentring {
  const common = meansBySize(set, sizes, { embeddings, knots: gauge.knots });
  const taken = Float64Array.from(common.to1DArray(), (value) => -share * value);
  const partly: SizeCentring = { ...gauge, offsets: taken, length: null };
  if (evenness === 0) return partly;
  const weight = shares(set);
  const dimension = embeddings.length / set.probes.length;
  const left = centred(embeddings, sizes, partly);
  const middle = new Float64Array(dimension);
  left.forEach((value, i) => {
    middle[i % dimension]! += value * weight[Math.floor(i / dimension)]!;
  });
  let square = 0;
  left.forEach((value, i) => {
    square += weight[Math.floor(i / dimension)]! * (value - middle[i % dimension]!) ** 2;
  });
  const offsets = taken.map((value, i) => value - middle[i % dimension]!);
  return { ...gauge, offsets, length: { kept: 1 - evenness, evened: evenness * Math.sqrt(square) } };
}

/** Embeddings, one after another, as the learner makes them with this centring; without any they were `values`. */
export function centred(values: Float32Array, sizes: readonly number[], { knots, offsets, length }: SizeCentring) {
  const dimension = offsets.length / SIZE_KNOTS;
  const result = Float32Array.from(values);
  sizes.forEach((size, i) => {
    const own = result.subarray(i * dimension, (i + 1) * dimension);
    interpolation(knots, size).forEach((much, knot) => {
      if (much > 0) for (let d = 0; d < dimension; d++) own[d]! += much * offsets[knot * dimension + d]!;
    });
    if (!length) return;
    const factor = length.kept + length.evened / (Math.hypot(...own) || 1);
    for (let d = 0; d < dimension; d++) own[d]! *= factor;
  });
  return result;
}

/** How much of each knot a size has: two that add up to one, or the outermost alone. */
export function interpolation(knots: Float64Array, size: number): Float64Array {
  const parts = new Float64Array(knots.length);
  const last = knots.length - 1;
  const above = knots.findIndex((knot) => size < knot);
  if (above === 0) parts[0] = 1;
  else if (above < 0) parts[last] = 1;
  else {
    const way = (size - knots[above - 1]!) / (knots[above]! - knots[above - 1]!);
    parts[above - 1] = 1 - way;
    parts[above] = way;
  }
  return parts;
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
