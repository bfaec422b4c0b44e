import { join } from 'node:path';
import { type PretrainProgress, SafaceError } from '@saface/core';
import { type LibraryModel, ModelLibrary, type PretrainResult } from '@saface/engine';
import { folders } from '../env.ts';
import { type Preset, type PresetName, presets } from './presets.ts';
import { runPretraining, simulatedCrops } from './run-pretraining.ts';

export interface PresetRun {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PretrainProgress) => void;
  readonly onPerson?: (done: number, total: number) => void;
}

/** The library's folder in SAFACE_HOME. */
export const libraryDir = join(folders.models, 'library');

/** Trains a preset into the library `dir`, whatever is there. */
export async function trainPreset(
  name: PresetName,
  dir: string,
  { signal, onProgress, onPerson }: PresetRun = {},
): Promise<{ readonly model: LibraryModel; readonly result: PretrainResult }> {
  const { people, ...preset }: Preset = presets[name];
  const dataset = await simulatedCrops(people, { size: preset.backbone.inputSize ?? 112, onPerson, signal });
  try {
    return await runPretraining({
      ...preset,
      name,
      dataset,
      libraryDir: dir,
      source: presetSource(name),
      signal,
      onProgress,
    });
  } finally {
    await dataset.close();
  }
}

/**
 * Our Sphere-20: the base model `sphere-20-simulated` of the library `dir`, trained on simulated people (minutes, on two
 * cores) when it is not there yet or comes from other settings than today's.
 */
export async function ensureSphere20(dir: string = libraryDir, run: PresetRun = {}): Promise<LibraryModel> {
  const name = 'sphere-20-simulated';
  try {
    const model = await new ModelLibrary(dir).get(name);
    if (model.source === presetSource(name)) return model;
  } catch (error) {
    if (!(error instanceof SafaceError && ['not-found', 'integrity'].includes(error.code))) throw error;
  }
  return (await trainPreset(name, dir, run)).model;
}

/** Says exactly what a preset's model was made from. */
function presetSource(name: PresetName): string {
  return `saface pretrain --preset ${name} ${JSON.stringify(presets[name])}`;
}
