import { Tensor } from 'onnxruntime-node';
import { encodeModel, type OnnxModel } from '../onnx/model.ts';
import { channelBlock } from '../runtime/channel-blocks.ts';
import type { ProviderName } from '../runtime/providers.ts';
import { floatData, floatTensor, OrtSession, type Tensors } from '../runtime/session.ts';
import { blockChannels } from '../training/block-channels.ts';
import { diverged } from '../training/trainer-checks.ts';
import { buildEmbeddingGraph, buildStepGraph, stepNames, stepScalars } from './classification-graph.ts';
import type {
  ClassificationResult,
  ClassificationState,
  ClassificationStep,
  ClassificationTrainer,
} from './classification-trainer.ts';
import { type Classifier, classDirections, openClassifier, withValues } from './classifier.ts';
import { checkSamples, checkSettings, checkState } from './classifier-checks.ts';
import { type HeadName, heads } from './heads/index.ts';

export interface ClassifierOptions {
  /** A network as `buildBackbone` makes it. */
  readonly model: OnnxModel;
  readonly classes: number;
  readonly head: HeadName;
  /** Of the class directions. */
  readonly seed: number;
  /** Threads for one operator; default: physical cores. */
  readonly threads?: number;
  readonly provider?: ProviderName;
}

/** Pre-trains on ONNX Runtime: the whole step is one ONNX model, made from the network's. */
export async function createOrtClassifier(options: ClassifierOptions): Promise<ClassificationTrainer> {
  const { threads, provider = 'cpu' } = options;
  const classifier = openClassifier(options.model, options);
  const block = provider === 'cpu' ? await channelBlock() : undefined;
  const open = (model: OnnxModel) =>
    OrtSession.create(encodeModel(block === undefined ? model : blockChannels(model, block, { large: true })), {
      threads,
      provider,
    });
  const step = await open(buildStepGraph(classifier, heads[options.head]).build());
  const embedding = await open(buildEmbeddingGraph(classifier).build());
  return new OrtClassifier(classifier, { step, embedding });
}

/** A weight or running statistic; the step writes into `next`, and the two change places when the step is sound. */
interface Slot {
  readonly name: string;
  readonly dims: readonly number[];
  value: Tensor;
  next: Tensor;
}

interface Moving extends Slot {
  velocity: Tensor;
  nextVelocity: Tensor;
}

class OrtClassifier implements ClassificationTrainer {
  readonly sampleShape: readonly number[];
  readonly classes: number;
  readonly dimension: number;
  readonly #classifier: Classifier;
  readonly #sessions: { readonly step: OrtSession; readonly embedding: OrtSession };
  readonly #weights: readonly Moving[];
  readonly #statistics: readonly Slot[];

  constructor(classifier: Classifier, sessions: { readonly step: OrtSession; readonly embedding: OrtSession }) {
    this.sampleShape = classifier.sampleShape;
    this.classes = classifier.classes;
    this.dimension = classifier.dimension;
    this.#classifier = classifier;
    this.#sessions = sessions;
    const slot = (name: string, dims: readonly number[], data: Float32Array): Slot => ({
      name,
      dims,
      value: floatTensor(data.slice(), dims),
      next: zeros(dims, data.length),
    });
    this.#weights = classifier.parameters.map(({ name, dims, data }) => ({
      ...slot(name, dims, data),
      velocity: zeros(dims, data.length),
      nextVelocity: zeros(dims, data.length),
    }));
    this.#statistics = classifier.statistics.flatMap(({ mean, variance }) =>
      [mean, variance].map((name) => {
        const { dims, data } = classifier.model.graph.initializers.get(name)!;
        return slot(name, dims, data as Float32Array);
      }),
    );
  }

  async step(
    images: Float32Array,
    labels: ArrayLike<number>,
    settings: ClassificationStep,
  ): Promise<ClassificationResult> {
    checkSettings(settings);
    const count = checkSamples(this, images, labels);
    const feeds: Record<string, Tensor> = {
      [this.#classifier.input]: floatTensor(images, [count, ...this.sampleShape]),
      [stepScalars.labels]: new Tensor('int64', BigInt64Array.from(Array.from(labels), BigInt), [count]),
      [stepScalars.scale]: scalar(settings.scale),
      [stepScalars.margin]: scalar(settings.margin),
      [stepScalars.learningRate]: scalar(settings.learningRate),
      [stepScalars.momentum]: scalar(settings.momentum),
      [stepScalars.decay]: scalar(settings.weightDecay),
      [stepScalars.clip]: scalar(settings.clip),
    };
    const fetches: Record<string, Tensor | null> = {
      [stepScalars.loss]: null,
      [stepScalars.correct]: null,
      [stepScalars.size]: null,
    };
    for (const { name, value, next, velocity, nextVelocity } of this.#weights) {
      feeds[name] = value;
      feeds[stepNames.velocity(name)] = velocity;
      fetches[stepNames.newValue(name)] = next;
      fetches[stepNames.newVelocity(name)] = nextVelocity;
    }
    for (const { name, value, next } of this.#statistics) {
      feeds[name] = value;
      fetches[stepNames.newValue(name)] = next;
    }
    const results = await this.#sessions.step.run(feeds, fetches);
    const loss = number(results, stepScalars.loss);
    if (!Number.isFinite(loss)) throw diverged(`the loss became ${loss}`);
    if (!Number.isFinite(number(results, stepScalars.size))) throw diverged('the updated weights are not finite');
    for (const slot of [...this.#weights, ...this.#statistics]) [slot.value, slot.next] = [slot.next, slot.value];
    for (const slot of this.#weights) [slot.velocity, slot.nextVelocity] = [slot.nextVelocity, slot.velocity];
    return { loss, correct: number(results, stepScalars.correct) };
  }

  async embed(images: Float32Array): Promise<Float32Array> {
    const count = checkSamples(this, images);
    const feeds: Record<string, Tensor> = {
      [this.#classifier.input]: floatTensor(images, [count, ...this.sampleShape]),
    };
    for (const { name, value } of [...this.#weights, ...this.#statistics])
      if (name !== classDirections) feeds[name] = value;
    const results = await this.#sessions.embedding.run(feeds);
    return floatData(results[this.#classifier.output], this.#classifier.output);
  }

  async state(): Promise<ClassificationState> {
    const copy = (tensor: Tensor, name: string) => floatData(tensor, name).slice();
    return {
      values: new Map([...this.#weights, ...this.#statistics].map(({ name, value }) => [name, copy(value, name)])),
      velocities: new Map(this.#weights.map(({ name, velocity }) => [name, copy(velocity, name)])),
    };
  }

  async load(state: ClassificationState): Promise<void> {
    checkState(this.#classifier, state);
    for (const { name, value } of [...this.#weights, ...this.#statistics])
      floatData(value, name).set(state.values.get(name)!);
    for (const { name, velocity } of this.#weights) floatData(velocity, name).set(state.velocities.get(name)!);
  }

  async export(): Promise<Uint8Array> {
    return encodeModel(withValues(this.#classifier.model, (await this.state()).values));
  }

  async dispose(): Promise<void> {
    for (const session of Object.values(this.#sessions)) await session.dispose();
  }
}

function zeros(dims: readonly number[], length: number): Tensor {
  return floatTensor(new Float32Array(length), dims);
}

function scalar(value: number): Tensor {
  return floatTensor(Float32Array.of(value), []);
}

function number(results: Tensors, name: string): number {
  return floatData(results[name], name)[0] ?? Number.NaN;
}
