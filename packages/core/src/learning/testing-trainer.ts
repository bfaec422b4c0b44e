import { createRandom } from '../evaluation/random.ts';
import type { Trainer, TrainingHyperParameters } from '../ports.ts';
import { type ConditionCentring, centred, channelMeans, readLevels } from './condition-centring.ts';
import type { FeatureBank } from './fine-tune-types.ts';
import { buildLearningSet } from './learning-set.ts';
import { observe, range } from './testing.ts';

/** Of a face that `noisyCamera` sees, and of the learner that looks at it. */
export const INPUTS = 6;
export const DIMENSION = 6;

/** Ten people, two at a time. Two numbers of a face tell who it is, four more are this camera's noise. */
export function noisyCamera() {
  const random = createRandom(11);
  const plan = Object.fromEntries(
    range(0, 10).map((p) => [`p${p}`, range(Math.floor(p / 2) * 40, Math.floor(p / 2) * 40 + 40)]),
  );
  const observations = observe(plan);
  const identity = new Map(Object.keys(plan).map((key) => [key, [random() * 2, random() * 2]]));
  const features = Float32Array.from(
    observations.flatMap(({ trackKey }) => [
      ...identity.get(trackKey)!.map((v) => v + 0.2 * random()),
      ...range(0, 4).map(() => 2 * random()),
    ]),
  );
  const bank = {
    sampleSize: INPUTS,
    read: (rows: ArrayLike<number>) =>
      Float32Array.from(Array.from(rows, (r) => [...features.subarray(r * INPUTS, (r + 1) * INPUTS)]).flat()),
  };
  return { bank, set: buildLearningSet(observations) };
}

/** Copies of probes of `noisyCamera` that differ from them by a lot in some of a face's numbers, and the rows whose copies were asked for. */
export function copiesDifferingIn(bank: FeatureBank, rows: readonly number[], numbers: readonly number[]) {
  const asked = new Set<number>();
  const copied = {
    sampleSize: INPUTS,
    read: async (samples: ArrayLike<number>) => {
      const own = Array.from(samples, (i) => rows[i]!);
      for (const row of own) asked.add(row);
      return (await bank.read(own)).map((v, i) => (numbers.includes(i % INPUTS) ? (v * 7919) % 9 : v));
    },
  };
  return { copies: { rows, banks: [copied] }, asked };
}

/** A learner that cannot be trained, only centred: its one weight says by which of the centrings that it was given, 0 = by none. */
export function createCentringTrainer(
  featureShape: readonly number[],
  plain: (features: Float32Array) => Float32Array,
): Trainer {
  const centrings: (ConditionCentring | null)[] = [null];
  const sampleSize = featureShape.reduce((a, b) => a * b, 1);
  let current = 0;
  return {
    featureShape,
    step: async () => ({ loss: 0, active: 0 }),
    approach: async () => ({ loss: 0, gradient: new Map() }),
    async embed(features) {
      const values = plain(features);
      const centring = centrings[current];
      if (!centring) return values;
      const rows = Array.from({ length: features.length / sampleSize }, (_, i) => i);
      const bank = { sampleSize, read: () => features };
      return centred(values, readLevels(centring, await channelMeans(bank, rows, featureShape)), centring);
    },
    weights: async () => new Map([['centring', Float32Array.of(current)]]),
    async load(weights) {
      current = weights.get('centring')![0]!;
    },
    rest: async () => {},
    projected: async () => null,
    evening: async () => centrings[current]?.length ?? null,
    centred: async (centring) => new Map([['centring', Float32Array.of(centring ? centrings.push(centring) - 1 : 0)]]),
    export: async () => new Uint8Array(0),
    dispose: async () => {},
  };
}

/** A linear learner with exact gradients, small enough for unit tests: embedding = W x, W of `dimension * inputs`. */
export function createLinearTrainer(inputs: number, dimension: number): Trainer {
  const base = Float32Array.from({ length: dimension * inputs }, (_, i) =>
    i % inputs === Math.floor(i / inputs) ? 1 : 0,
  );
  let w = base.slice();
  const velocity = new Float32Array(w.length);
  const gradient = new Float64Array(w.length);
  let gathered = 0;

  const embedOne = (features: Float32Array, sample: number): Float64Array =>
    Float64Array.from({ length: dimension }, (_, d) => {
      let sum = 0;
      for (let k = 0; k < inputs; k++) sum += w[d * inputs + k]! * features[sample * inputs + k]!;
      return sum;
    });

  const backward = (features: Float32Array, from: number, to: number, scale: number) => {
    // d|W(x-y)|^2 / dW = 2 W(x-y)(x-y)^T
    const a = embedOne(features, from);
    const b = embedOne(features, to);
    for (let d = 0; d < dimension; d++) {
      for (let k = 0; k < inputs; k++) {
        const x = features[from * inputs + k]! - features[to * inputs + k]!;
        gradient[d * inputs + k]! += scale * 2 * (a[d]! - b[d]!) * x;
      }
    }
  };

  const squared = (features: Float32Array, i: number, j: number) => {
    const b = embedOne(features, j);
    return embedOne(features, i).reduce((sum, v, d) => sum + (v - b[d]!) ** 2, 0);
  };

  const apply = (o: TrainingHyperParameters) => {
    for (let i = 0; i < w.length; i++) {
      const g = gradient[i]! / gathered + o.weightDecay * w[i]! + o.basePull * (w[i]! - base[i]!);
      velocity[i] = o.momentum * velocity[i]! + g;
      w[i]! -= o.learningRate * velocity[i]!;
    }
    gradient.fill(0);
    gathered = 0;
  };

  return {
    featureShape: [inputs],
    async step(features, options) {
      const count = features.length / inputs / 3;
      let loss = 0;
      let active = 0;
      for (let t = 0; t < count; t++) {
        const [p, n] = [count + t, 2 * count + t];
        const violation = squared(features, t, p) - squared(features, t, n) + options.margin;
        if (!(violation > 0)) continue;
        loss += violation;
        active += 1;
        backward(features, t, p, 1);
        backward(features, t, n, -1);
      }
      gathered += count;
      if (options.apply) apply(options);
      return { loss: loss / count, active };
    },
    async approach(features, targets) {
      const count = features.length / inputs;
      const slope = new Float32Array(w.length);
      let loss = 0;
      for (let i = 0; i < count; i++) {
        const away = embedOne(features, i).map((value, d) => value - targets[i * dimension + d]!);
        for (const [d, by] of away.entries()) {
          loss += by ** 2 / count;
          for (let k = 0; k < inputs; k++) slope[d * inputs + k]! += (2 * by * features[i * inputs + k]!) / count;
        }
      }
      return { loss, gradient: new Map([['w', slope]]) };
    },
    async embed(features) {
      const count = features.length / inputs;
      return Float32Array.from(Array.from({ length: count }, (_, i) => [...embedOne(features, i)]).flat());
    },
    async weights() {
      return new Map([['w', w.slice()]]);
    },
    async load(weights) {
      w = weights.get('w')!.slice();
    },
    async rest() {
      velocity.fill(0);
    },
    // There is nothing to add an offset to.
    async projected({ matrix, offset }) {
      if (offset) return null;
      const next = w.slice();
      for (let d = 0; d < dimension; d++) {
        for (let k = 0; k < inputs; k++) {
          let sum = 0;
          for (let e = 0; e < dimension; e++) sum += w[e * inputs + k]! * matrix[e * dimension + d]!;
          next[d * inputs + k] = sum;
        }
      }
      return new Map([['w', next]]);
    },
    // There is no image to tell conditions by.
    evening: async () => null,
    async centred() {
      return null;
    },
    async export() {
      return new Uint8Array(w.buffer.slice(0));
    },
    async dispose() {},
  };
}
