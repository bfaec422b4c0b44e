import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { type CrossFitState, gateVerdictSchema, type LearningSet, newVersionSchema, SafaceError } from '@saface/core';
import { z } from 'zod';
import type { Vault } from '../control/vault.ts';

/** What a training run learns from, complete: the trainer needs nothing else, and neither does one that takes over after a crash. */
export interface RunDataset {
  readonly set: LearningSet;
  readonly sampleSize: number;
  /** Half floats, `sampleSize` per row of the set. */
  readonly features: Uint16Array;
  readonly enrolled: KnownFaces | null;
  /** The base benchmark; absent in what was written before there was one. */
  readonly benchmark?: KnownFaces | null;
  /** The champion's learner and the base model's, as ONNX files. */
  readonly parent: Uint8Array;
  readonly base: Uint8Array;
}

/** Pictures of known people: features of picture i, half floats, are row i. */
export interface KnownFaces {
  readonly identityIds: readonly string[];
  readonly features: Uint16Array;
}

export const runResultSchema = z.object({
  verdict: gateVerdictSchema,
  threshold: z.number().positive().nullable(),
  /** Time of the newest probe that judged the candidate; null when there was none to judge. */
  judgedUntil: z.number().nullable().default(null),
  steps: z.number().int(),
  triplets: z.number().int(),
  tracks: z.number().int(),
  engine: z.string(),
  hyperParameters: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  leftOut: newVersionSchema.shape.provenance.shape.leftOut,
});
export type RunResult = z.infer<typeof runResultSchema>;

export interface FinishedRun {
  readonly result: RunResult;
  /** The candidate, an ONNX file. */
  readonly learner: Uint8Array;
}

/** The sealed files in a run's folder, as the edge writes and the trainer reads them, and the other way round. */
export class RunFiles {
  readonly #folder: string;
  readonly #runId: string;
  readonly #vault: Vault;

  constructor(folder: string, runId: string, vault: Vault) {
    this.#folder = folder;
    this.#runId = runId;
    this.#vault = vault;
  }

  async writeDataset(dataset: RunDataset): Promise<void> {
    await this.#write('dataset', serialize(dataset));
  }

  /** @throws SafaceError `not-found` when the run was tidied away */
  async readDataset(): Promise<RunDataset> {
    const bytes = await this.#read('dataset');
    if (!bytes)
      throw new SafaceError(
        'not-found',
        `The data of training run ${this.#runId} is gone`,
        'Start a new training run.',
      );
    // Sealed by this edge with its own key, so the format needs no second look.
    return deserialize(bytes) as RunDataset;
  }

  async writeCheckpoint(state: CrossFitState): Promise<void> {
    await this.#write('checkpoint', serialize(state));
  }

  async readCheckpoint(): Promise<CrossFitState | null> {
    const bytes = await this.#read('checkpoint');
    const state = bytes && (deserialize(bytes) as Partial<CrossFitState>);
    // One that an older version of this edge left behind: its run begins anew.
    return state?.finished ? (state as CrossFitState) : null;
  }

  /** The learner first: a result stands for both. */
  async writeResult(result: RunResult, learner: Uint8Array): Promise<void> {
    await this.#write('learner', learner);
    await this.#write('result', Buffer.from(JSON.stringify(result)));
  }

  async readResult(): Promise<FinishedRun | null> {
    const bytes = await this.#read('result');
    const learner = bytes && (await this.#read('learner'));
    return bytes && learner && { result: runResultSchema.parse(JSON.parse(bytes.toString('utf8'))), learner };
  }

  #write(name: string, bytes: Uint8Array): Promise<void> {
    return this.#vault.writeFile(join(this.#folder, `${name}.sealed`), bytes, `run/${this.#runId}/${name}`);
  }

  #read(name: string): Promise<Buffer | null> {
    return this.#vault.readFile(join(this.#folder, `${name}.sealed`), `run/${this.#runId}/${name}`);
  }
}
