import { createHash } from 'node:crypto';
import {
  createRandom,
  mixSeed,
  type PretrainEpoch,
  type PretrainProgress,
  type PretrainVerification,
  type RecogniserSpec,
  SafaceError,
  shuffle,
  TrainingDivergedError,
} from '@saface/core';
import { type Backbone, type BackboneName, type BackboneOptions, buildBackbone } from '../backbones/index.ts';
import { augment, packPictures } from './augment.ts';
import { type CheckpointPosition, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { ClassificationTrainer } from './classification-trainer.ts';
import { type DatasetPart, type PretrainDataset, splitByIdentity } from './dataset.ts';
import type { HeadName } from './heads/index.ts';
import { verifyHeldOut } from './held-out.ts';
import { type PretrainOptions, type PretrainSettings, resolvePretrainOptions } from './options.ts';
import { type ClassifierOptions, createOrtClassifier } from './ort-classifier.ts';
import { learningRateAt } from './schedule.ts';

export interface PretrainJob {
  readonly dataset: PretrainDataset;
  readonly backbone: BackboneOptions & { readonly name: BackboneName };
  readonly head: HeadName;
  readonly options?: PretrainSettings;
  /** Holds the checkpoint. A job that was stopped goes on from it; it is kept at the end. */
  readonly checkpointDir: string;
  /** Stops after the step that runs, with a checkpoint. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PretrainProgress) => void;
  /** The engine's `openClassifier`; default ONNX Runtime on the CPU. */
  readonly createTrainer?: (options: Omit<ClassifierOptions, 'provider'>) => Promise<ClassificationTrainer>;
  /** Builds the network; default `buildBackbone`. */
  readonly build?: (name: BackboneName, options: BackboneOptions) => Backbone;
  /** At least this often a checkpoint is written, beside the end of every epoch. Default 60. */
  readonly checkpointSeconds?: number;
}

/** A finished pre-training. */
export interface PretrainResult {
  /** The recogniser as an ONNX file. */
  readonly onnx: Uint8Array;
  /** Its threshold is the one that told the held-out people apart best. */
  readonly spec: RecogniserSpec;
  readonly history: readonly PretrainEpoch[];
  /** Of the last epoch. */
  readonly verification: PretrainVerification;
  readonly options: PretrainOptions;
  readonly people: { readonly training: number; readonly heldOut: number };
  readonly steps: number;
}

/**
 * Trains a recogniser from nothing (the paper's step A): a classifier over the training people with a margin head, judged
 * each epoch by verification of people it never saw.
 *
 * @throws SafaceError 'invalid-input' for a dataset or option that cannot be trained on, 'conflict' for a checkpoint of
 * another plan, 'exhausted' for a full disk; TrainingDivergedError; the signal's reason when it aborts
 */
export async function pretrain(job: PretrainJob): Promise<PretrainResult> {
  job.signal?.throwIfAborted();
  const options = resolvePretrainOptions(job.head, job.options);
  const backbone = (job.build ?? buildBackbone)(job.backbone.name, job.backbone);
  const { dataset } = job;
  if (dataset.size !== backbone.spec.input.size)
    throw new SafaceError(
      'invalid-input',
      `The crops of ${dataset.name} are ${dataset.size} pixels wide, the network wants ${backbone.spec.input.size}`,
      "Prepare the pictures for the network's input size.",
    );
  const split = splitByIdentity(dataset, options.heldOut, options.seed);
  const create = job.createTrainer ?? createOrtClassifier;
  const trainer = await create({
    model: backbone.model,
    classes: split.training.identities,
    head: job.head,
    seed: mixSeed(options.seed, 0x4ead),
  });
  try {
    const run = new PretrainRun(job, { options, backbone, trainer, ...split });
    const history = await run.go();
    const verification = history.at(-1)!.verification;
    return {
      onnx: await trainer.export(),
      spec: { ...backbone.spec, defaultThreshold: verification.threshold },
      history,
      verification,
      options,
      people: { training: split.training.identities, heldOut: split.heldOut.identities },
      steps: run.steps,
    };
  } finally {
    await trainer.dispose();
  }
}

interface Parts {
  readonly options: PretrainOptions;
  readonly backbone: Backbone;
  readonly trainer: ClassificationTrainer;
  readonly training: DatasetPart;
  readonly heldOut: DatasetPart;
}

/** Crops embedded in one call: bounds memory. */
const embedBatch = 64;

class PretrainRun {
  readonly #job: PretrainJob;
  readonly #parts: Parts;
  readonly #batch: number;
  readonly #perEpoch: number;
  /** Steps of the whole run. */
  readonly steps: number;
  readonly #plan: string;
  #position: CheckpointPosition;
  #saved: { step: number; at: number };

  constructor(job: PretrainJob, parts: Parts) {
    const { options, training } = parts;
    this.#job = job;
    this.#parts = parts;
    this.#batch = Math.min(options.batchSize, training.indices.length);
    this.#perEpoch = Math.floor(training.indices.length / this.#batch);
    this.steps = this.#perEpoch * options.epochs;
    const plan = [job.dataset.fingerprint, job.backbone, job.head, options];
    this.#plan = createHash('sha256').update(JSON.stringify(plan)).digest('hex');
    this.#position = { plan: this.#plan, step: 0, lossSum: 0, correctSum: 0, history: [] };
    this.#saved = { step: 0, at: performance.now() };
  }

  /** All epochs from where the checkpoint left off. */
  async go(): Promise<readonly PretrainEpoch[]> {
    await this.#resume();
    let order: readonly number[] = [];
    let orderOf = -1;
    while (this.#position.step < this.steps) {
      const { step } = this.#position;
      const epoch = Math.floor(step / this.#perEpoch);
      if (orderOf !== epoch) {
        order = this.#orderOf(epoch);
        orderOf = epoch;
      }
      const first = (step % this.#perEpoch) * this.#batch;
      await this.#step(order.slice(first, first + this.#batch));
      if (this.#position.step % this.#perEpoch === 0) await this.#endEpoch(epoch + 1);
      await this.#saveIfDue();
    }
    return this.#position.history;
  }

  async #resume(): Promise<void> {
    const { checkpointDir, onProgress } = this.#job;
    const found = await readCheckpoint(checkpointDir);
    if (found === null) return;
    if (found.plan !== this.#plan)
      throw new SafaceError(
        'conflict',
        `"${checkpointDir}" holds the checkpoint of another pre-training (other pictures, network or options)`,
        'Start it with the same options again, or remove that folder.',
      );
    const { state, ...position } = found;
    await this.#parts.trainer.load(state);
    this.#position = position;
    this.#saved = { step: position.step, at: performance.now() };
    onProgress?.({ kind: 'resumed', step: position.step, epoch: Math.floor(position.step / this.#perEpoch) });
  }

  /** Positions in the training part, in the order of this epoch. */
  #orderOf(epoch: number): number[] {
    const { options, training } = this.#parts;
    const random = createRandom(mixSeed(options.seed, 0x09de9, epoch));
    return shuffle(
      training.indices.map((_, at) => at),
      random,
    );
  }

  async #step(batch: readonly number[]): Promise<void> {
    const { options, trainer, training, backbone } = this.#parts;
    const { step, lossSum, correctSum } = this.#position;
    const started = performance.now();
    const crops = await this.#job.dataset.read(batch.map((at) => training.indices[at]!));
    const { size } = this.#job.dataset;
    const pictures = crops.map((crop, at) =>
      augment(crop, size, { seed: mixSeed(options.seed, step, at), how: options.augmentation }),
    );
    const labels = batch.map((at) => training.labels[at]!);
    const learningRate = learningRateAt(options.schedule, step, this.steps);
    const grown = Math.min(1, step / Math.max(1, options.marginWarmUp * this.steps));
    const settings = { ...options, learningRate, margin: options.margin * grown };
    const { loss, correct } = await this.#guard(() =>
      trainer.step(packPictures(pictures, backbone.spec.input), labels, settings),
    );
    this.#position = {
      ...this.#position,
      step: step + 1,
      lossSum: lossSum + loss,
      correctSum: correctSum + correct,
    };
    this.#job.onProgress?.({
      kind: 'step',
      step: step + 1,
      steps: this.steps,
      epoch: Math.floor(step / this.#perEpoch) + 1,
      epochs: options.epochs,
      loss,
      accuracy: correct / batch.length,
      learningRate,
      picturesPerSecond: (1000 * batch.length) / (performance.now() - started),
    });
  }

  /** Says where it diverged and what is left. */
  async #guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TrainingDivergedError)) throw error;
      const kept = this.#saved.step > 0 ? `; the checkpoint of step ${this.#saved.step} is kept` : '';
      const where = `step ${this.#position.step + 1} of ${this.steps}`;
      throw new TrainingDivergedError(`${error.message.replace('Training diverged: ', '')} at ${where}${kept}`);
    }
  }

  async #endEpoch(epoch: number): Promise<void> {
    const { trainer, heldOut, options } = this.#parts;
    const embeddings = new Float32Array(heldOut.indices.length * trainer.dimension);
    for (let start = 0; start < heldOut.indices.length; start += embedBatch) {
      const crops = await this.#job.dataset.read(heldOut.indices.slice(start, start + embedBatch));
      const pictures = crops.map((crop) => ({ size: this.#job.dataset.size, data: Float32Array.from(crop) }));
      const part = await trainer.embed(packPictures(pictures, this.#parts.backbone.spec.input));
      embeddings.set(part, start * trainer.dimension);
    }
    const entry: PretrainEpoch = {
      epoch,
      loss: this.#position.lossSum / this.#perEpoch,
      accuracy: this.#position.correctSum / (this.#perEpoch * this.#batch),
      verification: verifyHeldOut(heldOut, embeddings, trainer.dimension),
    };
    this.#position = { ...this.#position, lossSum: 0, correctSum: 0, history: [...this.#position.history, entry] };
    this.#job.onProgress?.({ kind: 'epoch', epochs: options.epochs, ...entry });
  }

  /** At the end of an epoch, after a while, and when the job is told to stop, which it does here. */
  async #saveIfDue(): Promise<void> {
    const { signal, checkpointDir, checkpointSeconds = 60, onProgress } = this.#job;
    const { step } = this.#position;
    const waited = (performance.now() - this.#saved.at) / 1000;
    if (signal?.aborted || step % this.#perEpoch === 0 || waited >= checkpointSeconds) {
      const bytes = await writeCheckpoint(checkpointDir, {
        ...this.#position,
        state: await this.#parts.trainer.state(),
      });
      this.#saved = { step, at: performance.now() };
      onProgress?.({ kind: 'checkpoint', step, bytes });
    }
    signal?.throwIfAborted();
  }
}
