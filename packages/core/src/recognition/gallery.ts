import { SafaceError } from '../errors.ts';

/**
 * One convention for both metrics: smaller is more alike, 0 is the same.
 * `euclidean` is the L2 distance of the embeddings as they are; `cosine` is 1 - cos, 0..2.
 */
export type Metric = 'euclidean' | 'cosine';

export interface GalleryMatch {
  readonly identityId: string;
  readonly distance: number;
}

/** Distance of two embeddings under a metric. */
export function embeddingDistance(a: Float32Array, b: Float32Array, metric: Metric): number {
  let sum = 0;
  if (metric === 'euclidean') {
    for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2;
    return Math.sqrt(sum);
  }
  let aa = 0;
  let bb = 0;
  for (let k = 0; k < a.length; k++) {
    sum += a[k]! * b[k]!;
    aa += a[k]! * a[k]!;
    bb += b[k]! * b[k]!;
  }
  return aa > 0 && bb > 0 ? Math.max(0, 1 - sum / Math.sqrt(aa * bb)) : 1;
}

/** Copy of length 1, or a copy of zeros. */
export function normalised(embedding: Float32Array): Float32Array {
  let sum = 0;
  for (const v of embedding) sum += v * v;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  return embedding.map((v) => v * scale);
}

export interface GalleryOptions {
  readonly dimension: number;
  readonly metric: Metric;
  /** An identity's distance is the mean over its nearest `nearest` templates. Default 1: its best template. */
  readonly nearest?: number;
}

/**
 * Exact search over the enrolled templates of ONE model version: templates of two versions live in different spaces and
 * must never meet. Templates lie in one flat array, row after row, so a search is one pass over memory.
 */
export class Gallery {
  readonly dimension: number;
  readonly metric: Metric;
  readonly #nearest: number;
  #rows = new Float32Array(0);
  #rowCount = 0;
  /** Identity of each row, as a position in `#identities`. */
  #owner: number[] = [];
  #identities: string[] = [];
  readonly #positions = new Map<string, number>();

  constructor({ dimension, metric, nearest = 1 }: GalleryOptions) {
    this.dimension = dimension;
    this.metric = metric;
    this.#nearest = Math.max(1, Math.floor(nearest));
  }

  get templateCount(): number {
    return this.#rowCount;
  }

  get identityIds(): readonly string[] {
    return this.#identities;
  }

  /** Adds one template; several per identity are welcome. @throws SafaceError `invalid-input` on a wrong length or NaN. */
  add(identityId: string, template: Float32Array): void {
    this.#check(template);
    if ((this.#rowCount + 1) * this.dimension > this.#rows.length) {
      const grown = new Float32Array(Math.max(16, this.#rowCount * 2) * this.dimension);
      grown.set(this.#rows);
      this.#rows = grown;
    }
    let identity = this.#positions.get(identityId);
    if (identity === undefined) {
      identity = this.#identities.push(identityId) - 1;
      this.#positions.set(identityId, identity);
    }
    this.#rows.set(this.metric === 'cosine' ? normalised(template) : template, this.#rowCount * this.dimension);
    this.#owner[this.#rowCount] = identity;
    this.#rowCount += 1;
  }

  /** Forgets an identity and overwrites its templates; returns how many there were. */
  remove(identityId: string): number {
    const identity = this.#positions.get(identityId);
    if (identity === undefined) return 0;
    const { dimension } = this;
    let kept = 0;
    for (let row = 0; row < this.#rowCount; row++) {
      if (this.#owner[row] === identity) continue;
      this.#rows.copyWithin(kept * dimension, row * dimension, (row + 1) * dimension);
      const owner = this.#owner[row]!;
      this.#owner[kept] = owner > identity ? owner - 1 : owner;
      kept += 1;
    }
    const removed = this.#rowCount - kept;
    this.#rows.fill(0, kept * dimension, this.#rowCount * dimension);
    this.#owner.length = kept;
    this.#rowCount = kept;
    this.#identities.splice(identity, 1);
    this.#positions.delete(identityId);
    for (let i = identity; i < this.#identities.length; i++) this.#positions.set(this.#identities[i]!, i);
    return removed;
  }

  /** The `limit` nearest identities, nearest first; ties in order of enrolment. */
  search(embedding: Float32Array, limit = 2): GalleryMatch[] {
    this.#check(embedding);
    const query = this.metric === 'cosine' ? normalised(embedding) : embedding;
    const distances = this.#distances(query);
    const found: { identity: number; distance: number }[] = [];
    for (let identity = 0; identity < distances.length; identity++) {
      const distance = distances[identity]!;
      if (found.length >= limit && !(distance < found[limit - 1]!.distance)) continue;
      const place = found.findIndex((other) => distance < other.distance);
      found.splice(place < 0 ? found.length : place, 0, { identity, distance });
      if (found.length > limit) found.pop();
    }
    return found.map(({ identity, distance }) => ({ identityId: this.#identities[identity]!, distance }));
  }

  /** Of each identity. */
  #distances(query: Float32Array): Float64Array {
    if (this.#nearest === 1) {
      const best = new Float64Array(this.#identities.length).fill(Number.POSITIVE_INFINITY);
      for (let row = 0; row < this.#rowCount; row++) {
        const distance = this.#rowDistance(query, row);
        if (distance < best[this.#owner[row]!]!) best[this.#owner[row]!] = distance;
      }
      return best;
    }
    const nearest = this.#identities.map(() => [] as number[]);
    for (let row = 0; row < this.#rowCount; row++) {
      keepSmallest(nearest[this.#owner[row]!]!, this.#rowDistance(query, row), this.#nearest);
    }
    return Float64Array.from(nearest, (distances) => distances.reduce((sum, d) => sum + d, 0) / distances.length);
  }

  /** Distances between templates of different identities: what strangers to each other look like under this model. */
  impostorDistances(): Float64Array {
    const distances: number[] = [];
    const { dimension } = this;
    for (let i = 0; i < this.#rowCount; i++) {
      const query = this.#rows.subarray(i * dimension, (i + 1) * dimension);
      for (let j = i + 1; j < this.#rowCount; j++) {
        if (this.#owner[i] !== this.#owner[j]) distances.push(this.#rowDistance(query, j));
      }
    }
    return Float64Array.from(distances);
  }

  #rowDistance(query: Float32Array, row: number): number {
    const { dimension } = this;
    const start = row * dimension;
    let sum = 0;
    if (this.metric === 'cosine') {
      for (let k = 0; k < dimension; k++) sum += query[k]! * this.#rows[start + k]!;
      return Math.max(0, 1 - sum);
    }
    for (let k = 0; k < dimension; k++) {
      const d = query[k]! - this.#rows[start + k]!;
      sum += d * d;
    }
    return Math.sqrt(sum);
  }

  #check(embedding: Float32Array): void {
    if (embedding.length === this.dimension && embedding.every((v) => Number.isFinite(v))) return;
    const found =
      embedding.length === this.dimension ? 'holds values that are not numbers' : `is ${embedding.length} long`;
    throw new SafaceError(
      'invalid-input',
      `An embedding for a gallery of dimension ${this.dimension} ${found}`,
      'Make templates and probes with the same, intact model version.',
    );
  }
}

function keepSmallest(values: number[], value: number, limit: number): void {
  if (values.length < limit) values.push(value);
  else {
    let worst = 0;
    for (let i = 1; i < values.length; i++) if (values[i]! > values[worst]!) worst = i;
    if (value < values[worst]!) values[worst] = value;
  }
}
