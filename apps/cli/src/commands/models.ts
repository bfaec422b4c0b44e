import { basename } from 'node:path';
import { SafaceError } from '@saface/core';
import {
  catalogue,
  catalogueModel,
  decodeModel,
  describeCuts,
  ensureDefaultModels,
  normalizeModel,
  pullModel,
  readModelFile,
} from '@saface/engine';
import type { Command } from 'commander';
import { env, folders } from '../env.ts';
import { cutTable, describeRecogniser } from '../models/describe-import.ts';
import { type ImportFlags, nameOfFile, recogniserFlags } from '../models/import-options.ts';
import { takeInDetector, takeInRecogniser } from '../models/take-in.ts';
import { modelLibrary } from '../offline/library.ts';
import { findRecogniser } from '../offline/recogniser.ts';
import { printResult, progress, table } from '../output.ts';

interface Json {
  readonly json: boolean;
}
interface ImportCommand extends ImportFlags, Json {
  readonly kind: string;
  readonly licence?: string;
  readonly source?: string;
  readonly replace: boolean;
}

const jsonOption = ['--json', 'print one JSON object', false] as const;

export function addModelsCommand(program: Command): void {
  const models = program.command('models').description('the models that SaFace starts with, and others beside them');
  models
    .command('build')
    .description('convert the default models to ONNX, if that was not done yet, and list them')
    .option(...jsonOption)
    .action(build);
  models
    .command('import <file>')
    .description('take in a recogniser or detector of another project')
    .requiredOption('--kind <kind>', 'recogniser or detector')
    .option('--name <name>', "what to call it; default: the file's name")
    .option(
      '--mean <numbers>',
      'what is subtracted from 0..255 values: one number, or one for each channel; default: probed',
    )
    .option('--scale <numbers>', 'what they are then multiplied with')
    .option('--channels <order>', 'rgb or bgr; default: probed')
    .option('--template <name>', 'arcface or mean-face; default: probed')
    .option('--metric <name>', 'cosine or euclidean; default: cosine')
    .option('--cut <tensor>', 'where to cut it, or "none" for recognition without learning; default: chosen')
    .option('--threshold <distance>', 'distance below which two faces are one person; default: from the probe')
    .option('--size <pixels>', 'side of the crops, where the file leaves it open; default: 112')
    .option('--licence <text>', 'terms the weights come under')
    .option('--source <text>', 'where the file came from')
    .option('--replace', 'take the place of a model of the same name', false)
    .option(...jsonOption)
    .action(importFile);
  models
    .command('pull [name]')
    .description('fetch a model of the catalogue and import it; without a name, list the catalogue')
    .option('--replace', 'take the place of a model of the same name', false)
    .option(...jsonOption)
    .action(pull);
  models
    .command('list')
    .description('the imported models')
    .option(...jsonOption)
    .action(list);
  models
    .command('cuts <name>')
    .description('where a recogniser can be cut into extractor and learner')
    .option(...jsonOption)
    .action(cuts);
  models
    .command('remove <name>')
    .description('delete an imported model')
    .option(...jsonOption)
    .action(remove);
}

async function build({ json }: Json): Promise<void> {
  const built = await ensureDefaultModels(folders.models);
  const files = { detector: built.detector, landmarks: built.landmarks, recogniser: built.recogniser };
  printResult(
    { ...files, spec: built.spec },
    {
      json,
      text: () =>
        table([
          ['model', 'MB', 'sha256'],
          ...Object.entries(files).map(([name, file]) => [
            name,
            (file.bytes / 1e6).toFixed(1),
            file.sha256.slice(0, 12),
          ]),
        ]),
    },
  );
}

async function importFile(file: string, command: ImportCommand): Promise<void> {
  const { kind, json, licence, source, replace } = command;
  const origin = {
    name: command.name ?? nameOfFile(basename(file)),
    licence,
    source: source ?? basename(file),
    replace,
  };
  if (kind !== 'recogniser' && kind !== 'detector') {
    throw new SafaceError('invalid-input', `--kind ${kind} is not known`, 'Use recogniser or detector.');
  }
  const flags = recogniserFlags(command);
  const { bytes, external } = await readModelFile(file);
  if (kind === 'detector') {
    const { model, imported } = await takeInDetector(bytes, origin);
    printResult(model, { json, text: () => `${model.name}: a detector of the family ${imported.spec.family}` });
    return;
  }
  progress(`Trying ${origin.name} on sample faces`);
  const { model, imported } = await takeInRecogniser(bytes, origin, { ...flags, external });
  const { cuts: found, obstacle, probe, notes, doubt } = imported;
  printResult(
    { ...model, cuts: found, obstacle, probe, notes, doubt },
    { json, text: () => describeRecogniser(model, imported) },
  );
}

async function pull(name: string | undefined, { json, replace }: Json & { replace: boolean }): Promise<void> {
  if (name === undefined) {
    printResult({ catalogue }, { json, text: () => catalogueTable() });
    return;
  }
  const entry = catalogueModel(name);
  const { licence, source, figures } = entry;
  progress(`Fetching ${entry.file}; its licence: ${licence}`);
  const bytes = await pullModel(entry, { mirror: env.modelMirror });
  const origin = { name, licence, source, figures, replace };
  if (entry.kind === 'detector') {
    const { model } = await takeInDetector(bytes, origin);
    printResult(model, { json, text: () => `${name} is in the library` });
    return;
  }
  const { model, imported } = await takeInRecogniser(bytes, origin, entry.input);
  const { cuts: found, obstacle, probe, notes, doubt } = imported;
  printResult(
    { ...model, cuts: found, obstacle, probe, notes, doubt },
    { json, text: () => describeRecogniser(model, imported) },
  );
}

function catalogueTable(): string {
  return table([
    ['model', 'kind', 'MB', 'licence', 'source'],
    ...catalogue.map(({ name, kind, bytes, licence, source }) => [
      name,
      kind,
      (bytes / 1e6).toFixed(1),
      licence,
      source,
    ]),
  ]);
}

/** A cell that leaves the table on one screen; `--json` has the whole. */
const shortened = (text: string): string => (text.length > 48 ? `${text.slice(0, 47)}…` : text);

async function list({ json }: Json): Promise<void> {
  const found = await modelLibrary().list();
  printResult(
    { models: found },
    {
      json,
      text: () =>
        found.length === 0
          ? 'No model was imported yet: `saface models import` or `saface models pull`.'
          : table([
              ['model', 'kind', 'MB', 'sha256', 'licence', 'source'],
              ...found.map(({ name, kind, bytes, sha256, licence, source }) => [
                name,
                kind,
                (bytes / 1e6).toFixed(1),
                sha256.slice(0, 12),
                licence ?? 'not stated',
                shortened(source ?? 'not stated'),
              ]),
            ]),
    },
  );
}

async function cuts(name: string, { json }: Json): Promise<void> {
  const { path, spec } = await findRecogniser(name);
  const found = describeCuts(normalizeModel(decodeModel((await readModelFile(path)).bytes)));
  printResult(
    { name, defaultCut: spec.defaultCut, cuts: found },
    { json, text: () => cutTable(found, spec.defaultCut) },
  );
}

async function remove(name: string, { json }: Json): Promise<void> {
  await modelLibrary().remove(name);
  printResult({ removed: name }, { json, text: () => `${name} is gone` });
}
