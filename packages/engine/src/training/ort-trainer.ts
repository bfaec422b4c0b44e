import type {
  ConditionCentring,
  EmbeddingMap,
  Evening,
  Trainer,
  TrainingHyperParameters,
  TrainingStepResult,
} from '@saface/core';
import type { Tensor } from 'onnxruntime-node';
import { centreConditions, eveningOf, isBranchWeight } from '../onnx/condition-branch.ts';
import { encodeModel, type OnnxModel } from '../onnx/model.ts';
import { elementCount } from '../onnx/tensor.ts';
import { channelBlock } from '../runtime/channel-blocks.ts';
import type { ProviderName } from '../runtime/providers.ts';
import { floatData, floatTensor, OrtSession, type Tensors } from '../runtime/session.ts';
import { activeTriplets, SPARSE_SHARE, tripletExcess } from './active-triplets.ts';
import { blockChannels } from './block-channels.ts';
import { DEFAULT_ACTIVATION_BYTES, microBatches, pickTriplets, tripletsAtOnce } from './micro-batches.ts';
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
import {
  buildForwardGraph,
  buildGradientGraph,
  buildUpdateGraph,
  flatNames,
  scalarNames,
  tensorNames,
} from './training-graph.ts';
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
  const update = await OrtSession.create(buildUpdateGraph(countWeights(parameters)).encode(), settings);
  const forwardGraph = buildForwardGraph(model, parameters).build();
  const forward = await OrtSession.create(await encodeFast(forwardGraph, options, 1), settings);
  const most = tripletsAtOnce(model, options.activationBytes ?? DEFAULT_ACTIVATION_BYTES);
  return new OrtTrainer(learner, {
    sessions: { gradient, update, forward },
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

/** A number for each weight, parameter after parameter, in one piece of memory that lives as long as the trainer. */
interface Flat {
  readonly values: Float32Array;
  /** The same memory under the parameters' names and shapes. */
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** What an update replaces. */
interface Moving {
  readonly weights: Flat;
  readonly velocities: Flat;
}

function flat(parameters: readonly Parameter[], valuesOf?: (parameter: Parameter) => Float32Array): Flat {
  const values = new Float32Array(countWeights(parameters));
  let start = 0;
  const tensors = parameters.map((parameter) => {
    const own = values.subarray(start, start + parameter.data.length);
    if (valuesOf) own.set(valuesOf(parameter));
    start += own.length;
    return [parameter.name, floatTensor(own, parameter.dims)] as const;
  });
  return { values, tensors: new Map(tensors) };
}

function countWeights(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { data }) => sum + data.length, 0);
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
  readonly update: OrtSession;
  readonly forward: OrtSession;
}

class OrtTrainer implements Trainer {
  readonly featureShape: readonly number[];
  readonly #learner: OpenLearner;
  readonly #sessions: Sessions;
  /** Sums of the gradients since the last update. */
  readonly #sums: Flat;
  readonly #base: Flat;
  #now: Moving;
  /** Where the next update is written; it takes effect when it is finite. */
  #next: Moving;
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
    const { parameters } = learner;
    this.#sums = flat(parameters);
    this.#base = flat(parameters, ({ name, data }) => base?.get(name) ?? data);
    this.#now = { weights: flat(parameters, ({ data }) => data), velocities: flat(parameters) };
    this.#next = { weights: flat(parameters), velocities: flat(parameters) };
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
    if (options.apply) await this.#update(options);
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
    for (const [name, weights] of this.#now.weights.tensors) feeds[name] = weights;
    for (const [name, sum] of this.#sums.tensors) {
      feeds[tensorNames.sum(name)] = sum;
      // The sum is read and written by one element-wise addition at the very end, so it may be its own output.
      fetches[tensorNames.newSum(name)] = sum;
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
    for (const [name, weights] of this.#now.weights.tensors) feeds[name] = weights;
    const results = await this.#sessions.forward.run(feeds);
    return floatData(results[this.#learner.output], this.#learner.output);
  }

  async weights(): Promise<ReadonlyMap<string, Float32Array>> {
    refuseClosed(this.#disposed);
    return new Map([...this.#now.weights.tensors].map(([name, tensor]) => [name, floatData(tensor, name).slice()]));
  }

  async load(weights: ReadonlyMap<string, Float32Array>): Promise<void> {
    refuseClosed(this.#disposed);
    checkWeights(this.#learner.parameters, weights);
    for (const [name, tensor] of this.#now.weights.tensors) floatData(tensor, name).set(weights.get(name)!);
  }

  async rest(): Promise<void> {
    refuseClosed(this.#disposed);
    this.#now.velocities.values.fill(0);
    this.#activeShare = 1;
  }

  async projected(map: EmbeddingMap): Promise<ReadonlyMap<string, Float32Array> | null> {
    const { model, parameters } = this.#learner;
    return projectReadout(model, parameters, { weights: await this.weights(), map });
  }

  async centred(centring: ConditionCentring | null): Promise<ReadonlyMap<string, Float32Array> | null> {
    return centreConditions(await this.weights(), centring);
  }

  async evening(): Promise<Evening | null> {
    return eveningOf(await this.weights());
  }

  async export(): Promise<Uint8Array> {
    return encodeWithWeights(this.#learner.model, await this.weights());
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const session of Object.values(this.#sessions)) await session.dispose();
  }

  async #update({ learningRate, momentum, weightDecay, basePull }: TrainingHyperParameters): Promise<void> {
    const whole = ({ values }: Flat) => floatTensor(values, [values.length]);
    const feeds: Record<string, Tensor> = {
      [scalarNames.scale]: scalar(1 / Math.max(1, this.#pendingActive)),
      [scalarNames.learningRate]: scalar(learningRate),
      [scalarNames.momentum]: scalar(momentum),
      [scalarNames.decay]: scalar(weightDecay + basePull),
      [scalarNames.basePull]: scalar(basePull),
      [flatNames.weight]: whole(this.#now.weights),
      [flatNames.velocity]: whole(this.#now.velocities),
      [flatNames.sum]: whole(this.#sums),
      [flatNames.base]: whole(this.#base),
    };
    const fetches: Record<string, Tensor | null> = {
      [scalarNames.size]: null,
      [flatNames.newWeight]: whole(this.#next.weights),
      [flatNames.newVelocity]: whole(this.#next.velocities),
    };
    const results = await this.#sessions.update.run(feeds, fetches);
    this.#dropGradients();
    if (!Number.isFinite(number(results, scalarNames.size))) throw diverged('the updated weights are not finite');
    // Without a gradient they would only be pulled to the base.
    for (const [name, tensor] of this.#now.weights.tensors)
      if (isBranchWeight(name)) floatData(this.#next.weights.tensors.get(name), name).set(floatData(tensor, name));
    [this.#now, this.#next] = [this.#next, this.#now];
  }

  #dropGradients(): void {
    this.#pendingActive = 0;
    this.#sums.values.fill(0);
  }
}

function scalar(value: number): Tensor {
  return floatTensor(Float32Array.of(value), []);
}

function number(results: Tensors, name: string): number {
  return floatData(results[name], name)[0] ?? Number.NaN;
}
