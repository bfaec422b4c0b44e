import type {
  Approach,
  ConditionCentring,
  EmbeddingMap,
  Evening,
  Trainer,
  TrainingHyperParameters,
  TrainingStepResult,
} from '@saface/core';
import type { Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs';
import { centreConditions, eveningOf, isBranchWeight } from '../onnx/condition-branch.ts';
import { type LearnerSource, type OpenLearner, openLearner } from './open-learner.ts';
import { encodeWithWeights } from './parameters.ts';
import { projectReadout } from './readout.ts';
import { TfGraph } from './tfjs-graph.ts';
import { loadTensorFlow, type TfBackend, type TfModule } from './tfjs-runtime.ts';
import {
  checkApproach,
  checkFeatures,
  checkFinite,
  checkHyperParameters,
  checkWeights,
  diverged,
  refuseClosed,
} from './trainer-checks.ts';
import type { EmbeddingMetric } from './triplet-loss.ts';

export interface TfTrainerOptions extends LearnerSource {
  readonly metric: EmbeddingMetric;
  /** Weights that `basePull` pulls towards; default: the learner's own. */
  readonly base?: ReadonlyMap<string, Float32Array>;
  /** Default: the fastest one that is installed. */
  readonly backend?: TfBackend;
}

/** The second training engine: the same ONNX learner computed by TensorFlow.js and differentiated by its own autodiff. */
export async function createTfjsTrainer(options: TfTrainerOptions): Promise<Trainer> {
  const learner = openLearner(options);
  if (options.base) checkWeights(learner.parameters, options.base);
  const { tf } = await loadTensorFlow(options.backend && [options.backend]);
  return new TfTrainer(tf, learner, options);
}

interface State {
  readonly name: string;
  readonly weight: Variable;
  readonly velocity: Variable;
  readonly sum: Variable;
  readonly base: Tensor;
}

class TfTrainer implements Trainer {
  readonly featureShape: readonly number[];
  readonly #tf: TfModule;
  readonly #learner: OpenLearner;
  readonly #metric: EmbeddingMetric;
  readonly #graph: TfGraph;
  readonly #states: readonly State[];
  /** All but those of the condition branch, see `isBranchWeight`. */
  readonly #learnt: readonly State[];
  #pendingActive = 0;
  #disposed = false;

  constructor(tf: TfModule, learner: OpenLearner, { metric, base }: TfTrainerOptions) {
    this.#tf = tf;
    this.#learner = learner;
    this.#metric = metric;
    this.featureShape = learner.featureShape;
    this.#graph = new TfGraph(tf, learner.model, new Set(learner.parameters.map(({ name }) => name)));
    this.#states = learner.parameters.map(({ name, dims, data }) => {
      const variable = (initial: Tensor, trainable: boolean) => tf.tidy(() => tf.variable(initial, trainable));
      return {
        name,
        weight: variable(tf.tensor(data.slice(), [...dims]), true),
        velocity: variable(tf.zeros([...dims]), false),
        sum: variable(tf.zeros([...dims]), false),
        base: tf.tensor((base?.get(name) ?? data).slice(), [...dims]),
      };
    });
    this.#learnt = this.#states.filter(({ name }) => !isBranchWeight(name));
  }

  async step(
    features: Float32Array,
    options: TrainingHyperParameters & { readonly apply: boolean },
  ): Promise<TrainingStepResult> {
    refuseClosed(this.#disposed);
    checkHyperParameters(options);
    const samples = checkFeatures(features, this.featureShape, 3);
    checkFinite(features, this.featureShape);
    const tf = this.#tf;
    let active = 0;
    const loss = tf.tidy(() => {
      const input = tf.tensor(features, [samples, ...this.featureShape]);
      const { value, grads } = tf.variableGrads(
        () => {
          const losses = this.#losses(this.#forward(input), options.margin);
          active = tf.sum(tf.sign(losses)).dataSync()[0]!;
          return losses.sum();
        },
        this.#learnt.map(({ weight }) => weight),
      );
      const sum = value.dataSync()[0]!;
      if (Number.isFinite(sum))
        for (const state of this.#learnt) state.sum.assign(state.sum.add(grads[state.weight.name]!));
      return sum / (samples / 3);
    });
    if (!Number.isFinite(loss) || !Number.isFinite(active)) {
      this.#dropGradients();
      throw diverged(`the triplet loss became ${loss}`);
    }
    this.#pendingActive += active;
    if (options.apply) this.#update(options);
    return { loss, active };
  }

  async approach(features: Float32Array, targets: Float32Array): Promise<Approach> {
    refuseClosed(this.#disposed);
    const samples = checkApproach(features, targets, this.#learner);
    const tf = this.#tf;
    const gradient = new Map<string, Float32Array>();
    const loss = tf.tidy(() => {
      const input = tf.tensor(features, [samples, ...this.featureShape]);
      const places = tf.tensor(targets, [samples, this.#learner.dimension]);
      const { value, grads } = tf.variableGrads(
        () => this.#compared(this.#forward(input)).sub(places).square().sum().div(samples) as Scalar,
        this.#learnt.map(({ weight }) => weight),
      );
      for (const { name, weight } of this.#learnt)
        gradient.set(name, Float32Array.from(grads[weight.name]!.dataSync()));
      return value.dataSync()[0]!;
    });
    if (!Number.isFinite(loss)) throw diverged(`the distance from the targets became ${loss}`);
    return { loss, gradient };
  }

  async embed(features: Float32Array): Promise<Float32Array> {
    refuseClosed(this.#disposed);
    const samples = checkFeatures(features, this.featureShape, 1);
    return this.#tf.tidy(() => {
      const embeddings = this.#forward(this.#tf.tensor(features, [samples, ...this.featureShape]));
      return Float32Array.from(embeddings.dataSync());
    });
  }

  async weights(): Promise<ReadonlyMap<string, Float32Array>> {
    refuseClosed(this.#disposed);
    return new Map(this.#states.map(({ name, weight }) => [name, Float32Array.from(weight.dataSync())]));
  }

  async load(weights: ReadonlyMap<string, Float32Array>): Promise<void> {
    refuseClosed(this.#disposed);
    checkWeights(this.#learner.parameters, weights);
    const tf = this.#tf;
    tf.tidy(() => {
      for (const { name, weight } of this.#states) weight.assign(tf.tensor(weights.get(name)!.slice(), weight.shape));
    });
  }

  async rest(): Promise<void> {
    refuseClosed(this.#disposed);
    const tf = this.#tf;
    tf.tidy(() => {
      for (const { velocity } of this.#states) velocity.assign(tf.zerosLike(velocity));
    });
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
    if (this.#disposed) return;
    this.#disposed = true;
    for (const { weight, velocity, sum, base } of this.#states)
      for (const tensor of [weight, velocity, sum, base]) tensor.dispose();
    this.#graph.dispose();
  }

  #forward(features: Tensor): Tensor {
    return this.#graph.run(features, new Map(this.#states.map(({ name, weight }) => [name, weight])));
  }

  /** Under a metric of angles one long. */
  #compared(embeddings: Tensor): Tensor {
    return this.#metric === 'cosine' ? embeddings.div(embeddings.square().sum(1, true).sqrt()) : embeddings;
  }

  /** One loss per triplet, as `tripletLoss` has it. */
  #losses(embeddings: Tensor, margin: number): Tensor {
    const [anchor, positive, negative] = this.#tf.split(this.#compared(embeddings) as Tensor2D, 3);
    const distance = (other: Tensor) => anchor!.sub(other).square().sum(1);
    return distance(positive!).sub(distance(negative!)).add(margin).relu();
  }

  #update({ learningRate, momentum, weightDecay, basePull }: TrainingHyperParameters): void {
    const scale = 1 / Math.max(1, this.#pendingActive);
    const finite = this.#tf.tidy(() => {
      const next = this.#learnt.map(({ weight, velocity, sum, base }) => {
        const held = weight.mul(weightDecay + basePull).sub(base.mul(basePull));
        const moved = velocity.mul(momentum).add(sum.mul(scale)).add(held);
        return { moved, value: weight.sub(moved.mul(learningRate)) };
      });
      if (!next.every(({ value }) => Number.isFinite(value.square().sum().dataSync()[0]))) return false;
      this.#learnt.forEach(({ weight, velocity }, index) => {
        velocity.assign(next[index]!.moved);
        weight.assign(next[index]!.value);
      });
      return true;
    });
    this.#dropGradients();
    if (!finite) throw diverged('the updated weights are not finite');
  }

  #dropGradients(): void {
    this.#pendingActive = 0;
    this.#tf.tidy(() => {
      for (const { sum } of this.#states) sum.assign(sum.zerosLike());
    });
  }
}
