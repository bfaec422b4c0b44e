import { createRandom, type Random } from './random.ts';

/** One labelled face. `null` identities are ignored: a missing label is not a stranger. */
export interface LabelledSample {
  readonly identity: string | number | null;
  readonly frame: number;
}

export interface PairOptions {
  /** Least distance in frames between the two faces of one person. Default 20: neighbouring frames are nearly copies. */
  readonly minGap?: number;
  /** At most this many pairs of each kind, drawn evenly by `seed`. Default 200,000. */
  readonly maxPairs?: number;
  readonly seed?: number;
}

/** Pairs as indices into the samples; `a[i] < b[i]`. */
export interface SamplePairs {
  readonly genuine: { readonly a: Int32Array; readonly b: Int32Array };
  readonly impostor: { readonly a: Int32Array; readonly b: Int32Array };
}

/** Faces of one person at least `minGap` frames apart, against faces of two people (any frames). */
export function buildPairs(samples: readonly LabelledSample[], options: PairOptions = {}): SamplePairs {
  const { minGap = 20, maxPairs = 200_000, seed = 1 } = options;
  const random = createRandom(seed);
  const genuine = new Reservoir(maxPairs, random);
  const impostor = new Reservoir(maxPairs, random);
  for (let i = 0; i < samples.length; i++) {
    const a = samples[i]!;
    if (a.identity === null) continue;
    for (let j = i + 1; j < samples.length; j++) {
      const b = samples[j]!;
      if (b.identity === null) continue;
      if (a.identity !== b.identity) impostor.offer(i, j);
      else if (Math.abs(a.frame - b.frame) >= minGap) genuine.offer(i, j);
    }
  }
  return { genuine: genuine.pairs(), impostor: impostor.pairs() };
}

/** Euclidean distances of pairs of rows in `embeddings` (`rows * dimension`). */
export function pairDistances(
  embeddings: Float32Array,
  dimension: number,
  pairs: { readonly a: ArrayLike<number>; readonly b: ArrayLike<number> },
): Float64Array {
  return Float64Array.from({ length: pairs.a.length }, (_, i) =>
    Math.sqrt(squaredDistance(embeddings, dimension, pairs.a[i]!, pairs.b[i]!)),
  );
}

/** Squared Euclidean distance of rows `i` and `j`. */
export function squaredDistance(embeddings: Float32Array, dimension: number, i: number, j: number): number {
  let sum = 0;
  const p = i * dimension;
  const q = j * dimension;
  for (let k = 0; k < dimension; k++) {
    const d = embeddings[p + k]! - embeddings[q + k]!;
    sum += d * d;
  }
  return sum;
}

/** Keeps an even sample of bounded size from a stream of pairs (algorithm R). */
class Reservoir {
  readonly #a: number[] = [];
  readonly #b: number[] = [];
  readonly #limit: number;
  readonly #random: Random;
  #seen = 0;

  constructor(limit: number, random: Random) {
    this.#limit = limit;
    this.#random = random;
  }

  offer(a: number, b: number): void {
    this.#seen += 1;
    if (this.#a.length < this.#limit) {
      this.#a.push(a);
      this.#b.push(b);
      return;
    }
    const slot = Math.floor(this.#random() * this.#seen);
    if (slot < this.#limit) {
      this.#a[slot] = a;
      this.#b[slot] = b;
    }
  }

  pairs(): { a: Int32Array; b: Int32Array } {
    return { a: Int32Array.from(this.#a), b: Int32Array.from(this.#b) };
  }
}
