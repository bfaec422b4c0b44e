import type { Approach, ConditionCentring, EmbeddingMap, Evening, Trainer, TrainingStepResult } from '@saface/core';
import { Tensor } from 'onnxruntime-node';
import { centreConditions, eveningOf } from '../onnx/condition-branch.ts';
import { elementCount } from '../onnx/tensor.ts';
import type { ProviderName } from '../runtime/providers.ts';
import { floatData, floatTensor, type Tensors } from '../runtime/session.ts';
import { activeTriplets, SPARSE_SHARE, tripletExcess } from './active-triplets.ts';
import { approachNames, buildApproachGraph } from './approach-graph.ts';
import { DEFAULT_ACTIVATION_BYTES, microBatches, pickTriplets, tripletsAtOnce } from './micro-batches.ts';
import { type LearnerSource, type OpenLearner, openLearner } from './open-learner.ts';
import { encodeWithWeights, type Parameter } from './parameters.ts';
import { projectReadout } from './readout.ts';
import {
  checkApproach,
  checkFeatures,
  checkFinite,
  checkHyperParameters,
  checkWeights,
  diverged,
  refuseClosed,
} from './trainer-checks.ts';
import { TrainerSessions } from './trainer-sessions.ts';
import {
  buildForwardGraph,
  buildTrainingGraph,
  groupNames,
  scalarNames,
  updateGroups,
  weightsOf,
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
  const graphs = {
    forward: buildForwardGraph(model, parameters).build(),
    step: buildTrainingGraph(model, parameters, options.metric).build(),
    approach: () => buildApproachGraph(model, parameters, options.metric).build(),
  };
  const sessions = await TrainerSessions.open(graphs, { threads: options.threads, provider: options.provider });
  const most = tripletsAtOnce(model, options.activationBytes ?? DEFAULT_ACTIVATION_BYTES);
  return new OrtTrainer(learner, { sessions, base: options.base, metric: options.metric, most });
}

/** The parameters that one update changes together, and what is known of each of their weights, parameter after parameter. */
interface Group {
  readonly parameters: readonly Parameter[];
  readonly names: ReturnType<typeof groupNames>;
  readonly base: Float32Array;
  /** The base times how strongly the weights are pulled to it. */
  readonly pull: Float32Array;
  velocity: Float32Array;
  /** Of the gradients since the last update. */
  sum: Float32Array;
}

type StepOptions = Parameters<Trainer['step']>[1];

interface TrainerParts {
  readonly sessions: TrainerSessions;
  readonly base: ReadonlyMap<string, Float32Array> | undefined;
  readonly metric: EmbeddingMetric;
  /** Triplets in one pass. */
  readonly most: number;
}

class OrtTrainer implements Trainer {
  readonly featureShape: readonly number[];
  readonly #learner: OpenLearner;
  readonly #sessions: TrainerSessions;
  readonly #groups: readonly Group[];
  /** The weights as they are now, by their parameters' names. */
  readonly #weights = new Map<string, Tensor>();
  readonly #metric: EmbeddingMetric;
  readonly #most: number;
  /** Triplets with a loss in the passes since the last update. */
  #pendingActive = 0;
  /** Share of the last pass's triplets that had a gradient. */
  #activeShare = 1;
  #basePull = 0;
  /** Whether the sums are other than 0. */
  #sumsHeld = false;
  #disposed = false;

  constructor(learner: OpenLearner, { sessions, base, metric, most }: TrainerParts) {
    this.featureShape = learner.featureShape;
    this.#learner = learner;
    this.#sessions = sessions;
    this.#metric = metric;
    this.#most = most;
    for (const { name, data, dims } of learner.parameters) this.#weights.set(name, floatTensor(data.slice(), dims));
    this.#groups = updateGroups(learner.parameters).map((parameters, index) => {
      const size = weightsOf(parameters);
      const ofBase = new Float32Array(size);
      forEachPart(parameters, ({ name, data }, part) => part(ofBase).set(base?.get(name) ?? data));
      const still = { pull: new Float32Array(size), velocity: new Float32Array(size), sum: new Float32Array(size) };
      return { parameters, names: groupNames(index), base: ofBase, ...still };
    });
  }

  async step(features: Float32Array, options: StepOptions): Promise<TrainingStepResult> {
    refuseClosed(this.#disposed);
    checkHyperParameters(options);
    const samples = checkFeatures(features, this.featureShape, 3);
    checkFinite(features, this.featureShape);
    const total = { loss: 0, active: 0 };
    const parts = microBatches(features, features.length / samples, this.#most);
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      const { loss, active } = await this.#pass(part, { ...options, apply: options.apply && last });
      total.loss += loss * (part.length / features.length);
      total.active += active;
    }
    return total;
  }

  /**
   * One pass, with its update where it applies. A triplet without a loss has no gradient; where most had none the last time, all are
   * embedded first and only the others go through the backward pass. What is learnt is the same.
   */
  async #pass(features: Float32Array, options: StepOptions): Promise<TrainingStepResult> {
    const sampleSize = elementCount(this.featureShape);
    const triplets = features.length / (3 * sampleSize);
    let result: TrainingStepResult;
    if (this.#activeShare < SPARSE_SHARE) {
      const { margin } = options;
      const excess = tripletExcess(await this.embed(features), { triplets, metric: this.#metric, margin });
      const picked = activeTriplets(excess);
      // An update needs a pass: a triplet without a loss adds nothing to it.
      if (picked.length === 0 && options.apply) picked.push(0);
      const { active } =
        picked.length > 0 ? await this.#run(pickTriplets(features, sampleSize, picked), options) : { active: 0 };
      result = { active, loss: excess.reduce((sum, loss) => sum + Math.max(0, loss), 0) / triplets };
    } else {
      result = await this.#run(features, options);
    }
    this.#activeShare = result.active / triplets;
    return result;
  }

  /** Adds the gradients of these triplets to the sums, and updates the weights with them where it applies. */
  async #run(features: Float32Array, options: StepOptions): Promise<TrainingStepResult> {
    const samples = features.length / elementCount(this.featureShape);
    const { apply, learningRate, momentum, weightDecay, basePull, margin } = options;
    const feeds: Record<string, Tensor> = {
      [this.#learner.input]: floatTensor(features, [samples, ...this.featureShape]),
      ...Object.fromEntries(this.#weights),
      [scalarNames.margin]: scalar(margin),
      [scalarNames.apply]: new Tensor('bool', [apply], []),
      [scalarNames.pending]: scalar(this.#pendingActive),
      [scalarNames.learningRate]: scalar(learningRate),
      [scalarNames.momentum]: scalar(momentum),
      [scalarNames.decay]: scalar(weightDecay + basePull),
    };
    if (basePull !== this.#basePull) this.#pullToBase(basePull);
    for (const { names, velocity, sum, pull } of this.#groups) {
      feeds[names.velocity] = floatTensor(velocity, [1, velocity.length]);
      feeds[names.sum] = floatTensor(sum, [1, sum.length]);
      feeds[names.pull] = floatTensor(pull, [1, pull.length]);
    }
    const wanted = apply
      ? [scalarNames.size, ...this.#groups.flatMap(({ names }) => [names.newWeight, names.newVelocity])]
      : this.#groups.map(({ names }) => names.newSum);
    const session = await this.#sessions.step(samples);
    const results = await session.run(feeds, [scalarNames.loss, scalarNames.active, ...wanted]);
    const [loss, active] = [number(results, scalarNames.loss), number(results, scalarNames.active)];
    if (!Number.isFinite(loss) || !Number.isFinite(active)) {
      this.#dropGradients();
      throw diverged(`the triplet loss became ${loss}`);
    }
    if (apply) this.#update(results);
    else this.#keepGradients(results, active);
    return { loss, active };
  }

  async approach(features: Float32Array, targets: Float32Array): Promise<Approach> {
    refuseClosed(this.#disposed);
    const samples = checkApproach(features, targets, this.#learner);
    const sampleSize = features.length / samples;
    const { dimension } = this.#learner;
    const session = await this.#sessions.approach();
    const sums = this.#groups.map(({ base }) => new Float32Array(base.length));
    let distance = 0;
    // As many at a time as triplets have samples.
    for (let from = 0; from < samples; from += 3 * this.#most) {
      const to = Math.min(samples, from + 3 * this.#most);
      const part = features.subarray(from * sampleSize, to * sampleSize);
      const results = await session.run(
        {
          [this.#learner.input]: floatTensor(part, [to - from, ...this.featureShape]),
          ...Object.fromEntries(this.#weights),
          [approachNames.targets]: floatTensor(targets.subarray(from * dimension, to * dimension), [
            to - from,
            dimension,
          ]),
        },
        [approachNames.distance, ...sums.map((_, group) => approachNames.gradient(group))],
      );
      distance += number(results, approachNames.distance);
      for (const [group, sum] of sums.entries()) {
        const own = floatData(results[approachNames.gradient(group)], approachNames.gradient(group));
        for (let i = 0; i < sum.length; i++) sum[i]! += own[i]! / samples;
      }
    }
    if (!Number.isFinite(distance)) throw diverged(`the distance from the targets became ${distance}`);
    const gradient = new Map<string, Float32Array>();
    for (const [index, { parameters }] of this.#groups.entries())
      forEachPart(parameters, ({ name }, part) => gradient.set(name, part(sums[index]!)));
    return { loss: distance / samples, gradient };
  }

  async embed(features: Float32Array): Promise<Float32Array> {
    refuseClosed(this.#disposed);
    const samples = checkFeatures(features, this.featureShape, 1);
    const feeds: Record<string, Tensor> = {
      [this.#learner.input]: floatTensor(features, [samples, ...this.featureShape]),
    };
    for (const [name, weights] of this.#weights) feeds[name] = weights;
    const results = await this.#sessions.forward.run(feeds);
    return floatData(results[this.#learner.output], this.#learner.output);
  }

  async weights(): Promise<ReadonlyMap<string, Float32Array>> {
    refuseClosed(this.#disposed);
    return new Map([...this.#weights].map(([name, tensor]) => [name, floatData(tensor, name).slice()]));
  }

  async load(weights: ReadonlyMap<string, Float32Array>): Promise<void> {
    refuseClosed(this.#disposed);
    checkWeights(this.#learner.parameters, weights);
    for (const [name, tensor] of this.#weights) floatData(tensor, name).set(weights.get(name)!);
  }

  async rest(): Promise<void> {
    refuseClosed(this.#disposed);
    for (const { velocity } of this.#groups) velocity.fill(0);
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
    await this.#sessions.dispose();
  }

  /** Takes over what a pass made of the weights, if they are finite. */
  #update(results: Tensors): void {
    this.#dropGradients();
    if (!Number.isFinite(number(results, scalarNames.size))) throw diverged('the updated weights are not finite');
    for (const group of this.#groups) {
      const { newWeight, newVelocity } = group.names;
      const weights = floatData(results[newWeight], newWeight);
      group.velocity = floatData(results[newVelocity], newVelocity);
      forEachPart(group.parameters, ({ name, dims }, part) =>
        this.#weights.set(name, floatTensor(part(weights), dims)),
      );
    }
  }

  #pullToBase(basePull: number): void {
    // As the graph rounds its scalars: at the base itself nothing may pull.
    const pulling = Math.fround(basePull);
    for (const { base, pull } of this.#groups) for (let i = 0; i < base.length; i++) pull[i] = pulling * base[i]!;
    this.#basePull = basePull;
  }

  #keepGradients(results: Tensors, active: number): void {
    this.#pendingActive += active;
    this.#sumsHeld = true;
    for (const group of this.#groups) group.sum = floatData(results[group.names.newSum], group.names.newSum);
  }

  #dropGradients(): void {
    this.#pendingActive = 0;
    if (this.#sumsHeld) for (const { sum } of this.#groups) sum.fill(0);
    this.#sumsHeld = false;
  }
}

/** Each parameter of a group, with what takes its part out of a number for each weight of the group. */
function forEachPart(
  parameters: readonly Parameter[],
  use: (parameter: Parameter, part: (values: Float32Array) => Float32Array) => void,
): void {
  let end = 0;
  for (const parameter of parameters) {
    const start = end;
    end += parameter.data.length;
    use(parameter, (values) => values.subarray(start, start + parameter.data.length));
  }
}

function scalar(value: number): Tensor {
  return floatTensor(Float32Array.of(value), []);
}

function number(results: Tensors, name: string): number {
  return floatData(results[name], name)[0] ?? Number.NaN;
}
