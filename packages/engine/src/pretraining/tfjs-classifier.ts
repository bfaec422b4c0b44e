import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs';
import { encodeModel, type OnnxNode } from '../onnx/model.ts';
import { OperatorView } from '../onnx/ops/operator.ts';
import { runTfOperator } from '../training/tfjs-ops.ts';
import { loadTensorFlow, type TfBackend, type TfModule } from '../training/tfjs-runtime.ts';
import { diverged } from '../training/trainer-checks.ts';
import type {
  ClassificationResult,
  ClassificationState,
  ClassificationStep,
  ClassificationTrainer,
} from './classification-trainer.ts';
import { type Classifier, classDirections, openClassifier, statisticsMomentum, withValues } from './classifier.ts';
import { checkSamples, checkSettings, checkState } from './classifier-checks.ts';
import { heads, type MarginHead } from './heads/index.ts';
import type { ClassifierOptions } from './ort-classifier.ts';

export interface TfClassifierOptions extends Omit<ClassifierOptions, 'threads' | 'provider'> {
  /** Default: the fastest one that is installed. */
  readonly backend?: TfBackend;
}

/** The second pre-training engine: the same network computed by TensorFlow.js and differentiated by its own autodiff. */
export async function createTfjsClassifier(options: TfClassifierOptions): Promise<ClassificationTrainer> {
  const classifier = openClassifier(options.model, options);
  const { tf } = await loadTensorFlow(options.backend && [options.backend]);
  return new TfClassifier(tf, classifier, heads[options.head]);
}

interface Weight {
  readonly name: string;
  readonly decays: boolean;
  readonly value: Variable;
  readonly velocity: Variable;
}

/** Mean and variance of one batch, by the running statistics' names; kept beyond the scope they are computed in. */
type BatchStatistics = Map<string, Tensor>;

class TfClassifier implements ClassificationTrainer {
  readonly sampleShape: readonly number[];
  readonly classes: number;
  readonly dimension: number;
  readonly #tf: TfModule;
  readonly #classifier: Classifier;
  readonly #head: MarginHead;
  readonly #weights: readonly Weight[];
  readonly #statistics: ReadonlyMap<string, Variable>;
  readonly #constants: ReadonlyMap<string, Tensor>;

  constructor(tf: TfModule, classifier: Classifier, head: MarginHead) {
    this.sampleShape = classifier.sampleShape;
    this.classes = classifier.classes;
    this.dimension = classifier.dimension;
    this.#tf = tf;
    this.#classifier = classifier;
    this.#head = head;
    const variable = (data: Float32Array, dims: readonly number[], trainable: boolean) =>
      tf.tidy(() => tf.variable(tf.tensor(data.slice(), [...dims]), trainable));
    this.#weights = classifier.parameters.map(({ name, dims, data, decays }) => ({
      name,
      decays,
      value: variable(data, dims, true),
      velocity: variable(new Float32Array(data.length), dims, false),
    }));
    const { initializers } = classifier.model.graph;
    const running = classifier.statistics.flatMap(({ mean, variance }) => [mean, variance]);
    this.#statistics = new Map(
      running.map((name) => {
        const { data, dims } = initializers.get(name)!;
        return [name, variable(data as Float32Array, dims, false)];
      }),
    );
    const varied = new Set([...running, ...classifier.parameters.map(({ name }) => name)]);
    const constants = [...initializers.values()].filter(
      ({ name, data }) => !varied.has(name) && data instanceof Float32Array,
    );
    this.#constants = new Map(
      constants.map(({ name, data, dims }) => [name, tf.tensor((data as Float32Array).slice(), [...dims])]),
    );
  }

  async step(
    images: Float32Array,
    labels: ArrayLike<number>,
    settings: ClassificationStep,
  ): Promise<ClassificationResult> {
    checkSettings(settings);
    const count = checkSamples(this, images, labels);
    const tf = this.#tf;
    return tf.tidy(() => {
      const input = tf.tensor(images, [count, ...this.sampleShape]);
      const own = tf.oneHot(tf.tensor1d(Array.from(labels), 'int32'), this.classes).toFloat();
      const batch: BatchStatistics = new Map();
      let correct = 0;
      const { value, grads } = tf.variableGrads(
        () => {
          const cosines = this.#cosines(input, batch);
          correct = tf.sum(tf.equal(tf.argMax(cosines, 1), tf.argMax(own, 1)).toFloat()).dataSync()[0]!;
          return this.#loss(cosines, own, settings);
        },
        this.#weights.map((weight) => weight.value),
      );
      const loss = value.dataSync()[0]!;
      if (!Number.isFinite(loss)) throw diverged(`the loss became ${loss}`);
      this.#update(grads, settings);
      for (const [name, seen] of batch) {
        const kept = this.#statistics.get(name)!;
        kept.assign(kept.mul(statisticsMomentum).add(seen.mul(1 - statisticsMomentum)));
        seen.dispose();
      }
      return { loss, correct };
    });
  }

  async embed(images: Float32Array): Promise<Float32Array> {
    const count = checkSamples(this, images);
    return this.#tf.tidy(() =>
      Float32Array.from(this.#forward(this.#tf.tensor(images, [count, ...this.sampleShape]), null).dataSync()),
    );
  }

  async state(): Promise<ClassificationState> {
    const copy = (tensor: Tensor) => Float32Array.from(tensor.dataSync());
    return {
      values: new Map([
        ...this.#weights.map(({ name, value }) => [name, copy(value)] as const),
        ...[...this.#statistics].map(([name, value]) => [name, copy(value)] as const),
      ]),
      velocities: new Map(this.#weights.map(({ name, velocity }) => [name, copy(velocity)])),
    };
  }

  async load(state: ClassificationState): Promise<void> {
    checkState(this.#classifier, state);
    const tf = this.#tf;
    const fill = (variable: Variable, data: Float32Array) => variable.assign(tf.tensor(data.slice(), variable.shape));
    tf.tidy(() => {
      for (const { name, value, velocity } of this.#weights) {
        fill(value, state.values.get(name)!);
        fill(velocity, state.velocities.get(name)!);
      }
      for (const [name, variable] of this.#statistics) fill(variable, state.values.get(name)!);
    });
  }

  async export(): Promise<Uint8Array> {
    return encodeModel(withValues(this.#classifier.model, (await this.state()).values));
  }

  async dispose(): Promise<void> {
    for (const { value, velocity } of this.#weights) for (const tensor of [value, velocity]) tensor.dispose();
    for (const tensor of [...this.#statistics.values(), ...this.#constants.values()]) tensor.dispose();
  }

  /** With `batch`, BatchNormalization uses the batch's own statistics and notes them there. */
  #forward(input: Tensor, batch: BatchStatistics | null): Tensor {
    const { model, shapes, output } = this.#classifier;
    const values = new Map<string, Tensor>([
      ...this.#constants,
      ...this.#statistics,
      ...this.#weights.map(({ name, value }) => [name, value] as const),
    ]);
    values.set(this.#classifier.input, input);
    const context = { tf: this.#tf, training: batch !== null };
    for (const node of model.graph.nodes) {
      const inputs = node.inputs.map((name) => values.get(name));
      const training = batch !== null && node.type === 'BatchNormalization';
      values.set(
        node.outputs[0]!,
        training
          ? this.#batchNormalization(node, inputs as Tensor[], batch)
          : runTfOperator(context, inputs, new OperatorView(node, shapes, model.graph.initializers)),
      );
    }
    return values.get(output)!;
  }

  #batchNormalization(node: OnnxNode, [x, scale, shift]: readonly Tensor[], batch: BatchStatistics): Tensor {
    const rest = x!.shape.slice(2).map(() => 1);
    const axes = [0, ...rest.map((_, axis) => axis + 2)];
    const epsilon = node.attributes.epsilon?.kind === 'float' ? node.attributes.epsilon.value : 1e-5;
    const mean = x!.mean(axes, true);
    const centred = x!.sub(mean);
    const variance = centred.square().mean(axes, true);
    batch.set(node.inputs[3]!, this.#tf.keep(mean.reshape([-1])));
    batch.set(node.inputs[4]!, this.#tf.keep(variance.reshape([-1])));
    const slope = scale!.reshape([1, -1, ...rest]).div(variance.add(epsilon).sqrt());
    return centred.mul(slope).add(shift!.reshape([1, -1, ...rest]));
  }

  #cosines(input: Tensor, batch: BatchStatistics): Tensor2D {
    const unit = (rows: Tensor) => rows.div(rows.square().sum(1, true).sqrt());
    const directions = this.#weights.find(({ name }) => name === classDirections)!.value;
    return this.#tf.matMul(unit(this.#forward(input, batch)), unit(directions), false, true) as Tensor2D;
  }

  #loss(cosines: Tensor2D, own: Tensor, { scale, margin }: ClassificationStep) {
    const ownCosine = cosines.mul(own).sum(1, true);
    const taken = this.#head.compute(this.#tf, ownCosine, margin).sub(ownCosine);
    const logits = cosines.add(own.mul(taken)).mul(scale);
    const shifted = logits.sub(logits.max(1, true));
    const picked = shifted.sub(shifted.exp().sum(1, true).log()).mul(own);
    return picked.sum(1).mean().neg().asScalar();
  }

  #update(
    gradients: Readonly<Record<string, Tensor>>,
    { learningRate, momentum, weightDecay, clip }: ClassificationStep,
  ): void {
    const square = (tensor: Tensor) => tensor.square().sum().dataSync()[0]!;
    const length = Math.sqrt(Object.values(gradients).reduce((sum, gradient) => sum + square(gradient), 0));
    const factor = clip / Math.max(length, clip);
    const next = this.#weights.map(({ value, velocity, decays }) => {
      const gradient = gradients[value.name];
      const kept = velocity.mul(momentum);
      const fresh = gradient ? kept.add(gradient.mul(factor)) : kept;
      const moved = decays ? fresh.add(value.mul(weightDecay)) : fresh;
      return { moved, value: value.sub(moved.mul(learningRate)) };
    });
    if (!next.every(({ value }) => Number.isFinite(square(value))))
      throw diverged('the updated weights are not finite');
    this.#weights.forEach(({ value, velocity }, index) => {
      velocity.assign(next[index]!.moved);
      value.assign(next[index]!.value);
    });
  }
}
