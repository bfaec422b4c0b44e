import type { Trainer, TrainingHyperParameters } from '../ports.ts';

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
    async projected(matrix) {
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
    async export() {
      return new Uint8Array(w.buffer.slice(0));
    },
    async dispose() {},
  };
}
