import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PretrainProgress } from '@saface/core';
import { type CropPack, type LibraryModel, ModelLibrary, type PretrainResult, pretrain } from '@saface/engine';
import { env } from '../env.ts';
import { engine } from '../offline/recogniser.ts';
import type { Preset } from './presets.ts';
import { ensureSimulatedPeople } from './simulated-people.ts';

/** What a pre-training is run with, wherever its pictures come from. */
export interface PretrainingRun extends Omit<Preset, 'people'> {
  /** Name of the base model in the library. */
  readonly name: string;
  readonly dataset: CropPack;
  readonly libraryDir: string;
  readonly source: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PretrainProgress) => void;
}

/** Where rendered crops and checkpoints are kept between runs. */
export const pretrainingDir = join(env.home, 'pretraining');

/** The crops of simulated people, rendered once on this machine. */
export function simulatedCrops(
  people: Preset['people'],
  { size, onPerson, signal }: { size: number; onPerson?: (done: number, total: number) => void; signal?: AbortSignal },
): Promise<CropPack> {
  const name = `simulated-${people.seed}-${people.people}x${people.pictures}-${size}`;
  return ensureSimulatedPeople(join(pretrainingDir, name), { ...people, size }, { onPerson, signal });
}

/**
 * Trains, goes on from the checkpoint of an earlier run with the same settings, and puts the result into the library,
 * where it takes the place of a model of the same name. The checkpoint is then removed.
 */
export async function runPretraining(
  run: PretrainingRun,
): Promise<{ readonly model: LibraryModel; readonly result: PretrainResult }> {
  const { name, dataset, backbone, head, options, signal, onProgress } = run;
  const key = createHash('sha256')
    .update(JSON.stringify([dataset.fingerprint, backbone, head, options]))
    .digest('hex')
    .slice(0, 16);
  const checkpointDir = join(pretrainingDir, `${name}-${key}`);
  const { openClassifier } = await engine();
  const createTrainer: typeof openClassifier = (given) => openClassifier({ ...given, threads: env.threads });
  const result = await pretrain({
    dataset,
    backbone,
    head,
    options,
    checkpointDir,
    signal,
    onProgress,
    createTrainer,
  });
  const { verification, people, steps } = result;
  const model = await new ModelLibrary(run.libraryDir).add({
    name,
    kind: 'recogniser',
    onnx: result.onnx,
    spec: { ...result.spec, name },
    source: run.source,
    figures: {
      backbone: backbone.name,
      width: backbone.width ?? 1,
      head,
      steps,
      trainingPeople: people.training,
      heldOutPeople: people.heldOut,
      heldOutAccuracy: verification.accuracy,
      heldOutAuc: verification.auc,
      heldOutTarAtFar1e2: verification.tarAtFar1e2,
    },
    replace: true,
  });
  await rm(checkpointDir, { recursive: true, force: true });
  return { model, result };
}
