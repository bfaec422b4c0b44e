import { createRandom, type Random } from '@saface/core';
import { GraphBuilder } from '../onnx/graph-builder.ts';

export interface ConvSpec {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly groups?: number;
  readonly bias?: boolean;
  /** Standard deviation of the initial weights; default He et al. 2015 for PReLU, sqrt(2 / fan-in). */
  readonly deviation?: number;
}

/** Writes an untrained network layer by layer; every weight is drawn from one seed, so equal specs give equal bytes. */
export class LayerWriter {
  readonly graph = new GraphBuilder();
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  /** Square kernels on [N, C, H, W]. */
  conv(x: string, spec: ConvSpec): string {
    const { name, from, to, kernel, stride = 1, pad = 0, groups = 1, bias = false } = spec;
    const fanIn = (from / groups) * kernel * kernel;
    const deviation = spec.deviation ?? Math.sqrt(2 / fanIn);
    const weights = this.#normal(to * fanIn, deviation);
    const inputs = [x, this.graph.constant(weights, [to, from / groups, kernel, kernel], `${name}/weight`)];
    if (bias) inputs.push(this.graph.constant(new Float32Array(to), [to], `${name}/bias`));
    return this.graph.op('Conv', inputs, {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [pad, pad, pad, pad],
      group: groups,
    });
  }

  /** One slope per channel, 0.25 at first as in He et al. 2015. */
  prelu(x: string, { name, channels }: { name: string; channels: number }, output?: string): string {
    const slope = this.graph.constant(new Float32Array(channels).fill(0.25), [channels, 1, 1], `${name}/slope`);
    return this.graph.op('PRelu', [x, slope], {}, output);
  }

  /** Batch normalisation of [N, C, ...] that changes nothing yet: scale 1, shift 0, mean 0, variance 1. */
  normalise(x: string, { name, channels }: { name: string; channels: number }, output?: string): string {
    const constant = (value: number, part: string) =>
      this.graph.constant(new Float32Array(channels).fill(value), [channels], `${name}/${part}`);
    const inputs = [x, constant(1, 'scale'), constant(0, 'shift'), constant(0, 'mean'), constant(1, 'variance')];
    return this.graph.op('BatchNormalization', inputs, { epsilon: 1e-5 }, output);
  }

  /** Fully connected: [N, from] -> [N, to]. */
  linear(x: string, { name, from, to }: { name: string; from: number; to: number }, output?: string): string {
    const weights = this.graph.constant(this.#normal(from * to, Math.sqrt(1 / from)), [to, from], `${name}/weight`);
    const bias = this.graph.constant(new Float32Array(to), [to], `${name}/bias`);
    return this.graph.op('Gemm', [x, weights, bias], { transB: 1 }, output);
  }

  /** Box-Muller: pairs of normal numbers from pairs of uniform ones. */
  #normal(length: number, deviation: number): Float32Array {
    const out = new Float32Array(length);
    for (let i = 0; i < length; i += 2) {
      const radius = deviation * Math.sqrt(-2 * Math.log(1 - this.#random()));
      const angle = 2 * Math.PI * this.#random();
      out[i] = radius * Math.cos(angle);
      if (i + 1 < length) out[i + 1] = radius * Math.sin(angle);
    }
    return out;
  }
}
