import type { EmbeddingMap, Trainer, TrainingHyperParameters, TrainingStepResult } from '@saface/core';
import type { Tensor } from 'onnxruntime-node';
import { encodeModel, type OnnxModel } from '../onnx/model.ts';
import { elementCount } from '../onnx/tensor.ts';
import { channelBlock } from '../runtime/channel-blocks.ts';
import type { ProviderName } from '../runtime/providers.ts';
import { floatData, floatTensor, OrtSession, type Tensors } from '../runtime/session.ts';
import { activeTriplets, SPARSE_SHARE, tripletExcess } from './active-triplets.ts';
import { blockChannels } from './block-channels.ts';
import { DEFAULT_ACTIVATION_BYTES, microBatches, pickTriplets, tripletsAtOnce } from './micro-batches.ts';
import { momentumUpdate } from './momentum-sgd.ts';
import { type LearnerSource, type OpenLearner, openLearner } from './open-learner.ts';
import { encodeWithWeights, type Parameter } from './parameters.ts';
import { projectReadout } from './readout.ts';
import {
  checkFeatures,
  checkFinite,
  checkHyperParameters,
  checkWeights,
  diverged,
  refuseClosed,
} from './trainer-checks.ts';
import { buildForwardGraph, buildGradientGraph, scalarNames, tensorNames } from './training-graph.ts';
import type { EmbeddingMetric } from './triplet-loss.ts';

export interface TrainerOptions extends LearnerSource {
  readonly metric: EmbeddingMetric;
  /** Weights that `basePull` pulls towards; default: the learner's own. */
  readonly base?: ReadonlyMap<string, Float32Array>;
  /** Threads for one operator; default: physical cores. */
  readonly threads?: number;
  readonly provider?: ProviderName;
  /** Bytes of activations in one pass; longer batches are gone through in parts, which changes nothing of what is learnt. */
  readonly activationBytes?: number;
}

/** Trains on ONNX Runtime: the training step is an ONNX model of its own, made from the learner's. */
export async function createOrtTrainer(options: TrainerOptions): Promise<Trainer> {
  const learner = openLearner(options);
  const { model, parameters } = learner;
  if (options.base) checkWeights(parameters, options.base);
  const settings = { threads: options.threads, provider: options.provider };
  const gradientGraph = buildGradientGraph(model, parameters, options.metric).build();
  const gradient = await OrtSession.create(await encodeFast(gradientGraph, options, 3), settings);
  const forwardGraph = buildForwardGraph(model, parameters).build();
  const forward = await OrtSession.create(await encodeFast(forwardGraph, options, 1), settings);
  const most = tripletsAtOnce(model, options.activationBytes ?? DEFAULT_ACTIVATION_BYTES);
  return new OrtTrainer(learner, {
    sessions: { gradient, forward },
    base: options.base,
    metric: options.metric,
    most,
  });
}

/** A graph with its weights as inputs, in the form that runs fastest where it will run; batches are multiples of `together`. */
async function encodeFast(
  graph: OnnxModel,
  { provider = 'cpu' }: Pick<TrainerOptions, 'provider'>,
  together: number,
): Promise<Uint8Array> {
  const block = provider === 'cpu' ? await channelBlock() : undefined;
  return encodeModel(block === undefined ? graph : blockChannels(graph, block, together));
}

/** What an update replaces of one parameter. */
interface Moving {
  readonly weight: Tensor;
  readonly velocity: Tensor;
}

/** The numbers of one parameter. They live as long as the trainer and are written in place: memory stays flat. */
interface State {
  readonly parameter: Parameter;
  readonly sum: Tensor;
  readonly base: Float32Array;
  now: Moving;
  /** Where the next update is written; it takes effect when it is finite. */
  next: Moving;
}

interface TrainerParts {
  readonly sessions: Sessions;
  readonly base: ReadonlyMap<string, Float32Array> | undefined;
  readonly metric: EmbeddingMetric;
  /** Triplets in one pass. */
  readonly most: number;
}

interface Sessions {
  readonly gradient: OrtSession;
  readonly forward: OrtSession;
}

class OrtTrainer implements Trainer {
  readonly featureShape: readonly number[];
  readonly #learner: OpenLearner;
  readonly #sessions: Sessions;
  readonly #states: readonly State[];
  readonly #metric: EmbeddingMetric;
  readonly #most: number;
  #pendingActive = 0;
  /** Share of the last pass's triplets that had a gradient. */
  #activeShare = 1;
  #disposed = false;

  constructor(learner: OpenLearner, { sessions, base, metric, most }: TrainerParts) {
    this.featureShape = learner.featureShape;
    this.#learner = learner;
    this.#sessions = sessions;
    this.#metric = metric;
    this.#most = most;
    this.#states = learner.parameters.map((parameter) => {
      const zeros = () => floatTensor(new Float32Array(parameter.data.length), parameter.dims);
      return {
        parameter,
        sum: zeros(),
        base: (base?.get(parameter.name) ?? parameter.data).slice(),
        now: { weight: floatTensor(parameter.data.slice(), parameter.dims), velocity: zeros() },
        next: { weight: zeros(), velocity: zeros() },
      };
    });
  }

  async step(
    features: Float32Array,
    options: TrainingHyperParameters & { readonly apply: boolean },
  ): Promise<TrainingStepResult> {
    refuseClosed(this.#disposed);
    checkHyperParameters(options);
    const samples = checkFeatures(features, this.featureShape, 3);
    checkFinite(features, this.featureShape);
    const total = { loss: 0, active: 0 };
    for (const part of microBatches(features, features.length / samples, this.#most)) {
      const { loss, active } = await this.#pass(part, options.margin);
      total.loss += loss * (part.length / features.length);
      total.active += active;
    }
    if (options.apply) this.#update(options);
    return total;
  }

  /**
   * Adds the gradients of one pass to the sums. A triplet without a loss has none; where most had none the last time, all are embedded
   * first and only the others go through the backward pass. What is learnt is the same.
   */
  async #pass(features: Float32Array, margin: number): Promise<TrainingStepResult> {
    const sampleSize = elementCount(this.featureShape);
    const triplets = features.length / (3 * sampleSize);
    let result: TrainingStepResult;
    if (this.#activeShare < SPARSE_SHARE) {
      const excess = tripletExcess(await this.embed(features), { triplets, metric: this.#metric, margin });
      const picked = activeTriplets(excess);
      const { active } =
        picked.length > 0 ? await this.#gradients(pickTriplets(features, sampleSize, picked), margin) : { active: 0 };
      result = { active, loss: excess.reduce((sum, loss) => sum + Math.max(0, loss), 0) / triplets };
    } else {
      result = await this.#gradients(features, margin);
    }
    this.#activeShare = result.active / triplets;
    return result;
  }

  /** Adds the gradients of these triplets to the sums. */
  async #gradients(features: Float32Array, margin: number): Promise<TrainingStepResult> {
    const samples = features.length / elementCount(this.featureShape);
    const feeds: Record<string, Tensor> = {
      [this.#learner.input]: floatTensor(features, [samples, ...this.featureShape]),
      [scalarNames.margin]: scalar(margin),
    };
    const fetches: Record<string, Tensor | null> = { [scalarNames.loss]: null, [scalarNames.active]: null };
    for (const { parameter, now, sum } of this.#states) {
      feeds[parameter.name] = now.weight;
      feeds[tensorNames.sum(parameter.name)] = sum;
      // The sum is read and written by one element-wise addition at the very end, so it may be its own output.
      fetches[tensorNames.newSum(parameter.name)] = sum;
    }
    const results = await this.#sessions.gradient.run(feeds, fetches);
    const loss = number(results, scalarNames.loss);
    const active = number(results, scalarNames.active);
    if (!Number.isFinite(loss) || !Number.isFinite(active)) {
      this.#dropGradients();
      throw diverged(`the triplet loss became ${loss}`);
    }
    this.#pendingActive += active;
    return { loss, active };
  }

  async embed(features: Float32Array): Promise<Float32Array> {
    refuseClosed(this.#disposed);
    const samples = checkFeatures(features, this.featureShape, 1);
    const feeds: Record<string, Tensor> = {
      [this.#learner.input]: floatTensor(features, [samples, ...this.featureShape]),
    };
    for (const { parameter, now } of this.#states) feeds[parameter.name] = now.weight;
    const results = await this.#sessions.forward.run(feeds);
    return floatData(results[this.#learner.output], this.#learner.output);
  }

  async weights(): Promise<ReadonlyMap<string, Float32Array>> {
    refuseClosed(this.#disposed);
    return new Map(this.#states.map(({ parameter: { name }, now }) => [name, floatData(now.weight, name).slice()]));
  }

  async load(weights: ReadonlyMap<string, Float32Array>): Promise<void> {
    refuseClosed(this.#disposed);
    checkWeights(this.#learner.parameters, weights);
    for (const { parameter, now } of this.#states)
      floatData(now.weight, parameter.name).set(weights.get(parameter.name)!);
  }

  async rest(): Promise<void> {
    refuseClosed(this.#disposed);
    for (const { parameter, now } of this.#states) floatData(now.velocity, parameter.name).fill(0);
    this.#activeShare = 1;
  }

  async projected(map: EmbeddingMap): Promise<ReadonlyMap<string, Float32Array> | null> {
    const { model, parameters } = this.#learner;
    return projectReadout(model, parameters, { weights: await this.weights(), map });
  }

  async export(): Promise<Uint8Array> {
    return encodeWithWeights(this.#learner.model, await this.weights());
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const session of Object.values(this.#sessions)) await session.dispose();
  }

  #update(rates: TrainingHyperParameters): void {
    const scale = 1 / Math.max(1, this.#pendingActive);
    const finite = this.#states.map(({ parameter: { name }, sum, base, now, next }) => {
      const numbers = ({ weight, velocity }: Moving) => ({
        weight: floatData(weight, name),
        velocity: floatData(velocity, name),
      });
      return momentumUpdate(numbers(now), { sum: floatData(sum, name), base }, numbers(next), { ...rates, scale });
    });
    this.#dropGradients();
    if (finite.includes(false)) throw diverged('the updated weights are not finite');
    for (const state of this.#states) [state.now, state.next] = [state.next, state.now];
  }

  #dropGradients(): void {
    this.#pendingActive = 0;
    for (const { parameter, sum } of this.#states) floatData(sum, parameter.name).fill(0);
  }
}

function scalar(value: number): Tensor {
  return floatTensor(Float32Array.of(value), []);
}

function number(results: Tensors, name: string): number {
  return floatData(results[name], name)[0] ?? Number.NaN;
}
