import { SafaceError } from '@saface/core';
import {
  type BackboneName,
  backboneNames,
  type CropPack,
  ensureLabelledFolder,
  type HeadName,
  headNames,
  type LibraryModel,
  type PretrainResult,
} from '@saface/engine';
import { type Command, Option } from 'commander';
import { env, folders } from '../env.ts';
import { printResult, progress, table } from '../output.ts';
import { libraryDir, trainPreset } from '../pretraining/ensure-sphere-20.ts';
import { type PresetName, presetNames } from '../pretraining/presets.ts';
import { reportPeople, reportPretraining } from '../pretraining/report.ts';
import { pretrainingDir, runPretraining, simulatedCrops } from '../pretraining/run-pretraining.ts';

interface PretrainCommand {
  readonly data?: string;
  readonly simulated?: string;
  readonly preset?: PresetName;
  readonly backbone: BackboneName;
  readonly width: string;
  readonly inputSize: string;
  readonly dimension?: string;
  readonly head: HeadName;
  readonly epochs: string;
  readonly batch: string;
  readonly learningRate: string;
  readonly schedule: 'cosine' | 'steps';
  readonly heldOut: string;
  readonly seed: string;
  readonly outName?: string;
  readonly json: boolean;
}

export function addPretrainCommand(program: Command): void {
  program
    .command('pretrain')
    .description('train a base model from nothing and put it into the model library')
    .option('--data <dir>', 'pictures as <dir>/<person>/<picture>, whole or cropped')
    .option('--simulated <people>x<pictures>', 'simulated people instead, for example 200x20')
    .addOption(new Option('--preset <name>', 'a whole pre-training by name').choices(presetNames))
    .addOption(new Option('--backbone <name>', 'the network').choices(backboneNames).default('mobilefacenet'))
    .option('--width <share>', "channels as a share of the paper's", '1')
    .option('--input-size <pixels>', 'side of the crops', '112')
    .option('--dimension <n>', "length of an embedding (default: the paper's)")
    .addOption(new Option('--head <name>', 'the margin head').choices(headNames).default('cosface'))
    .option('--epochs <n>', 'times every picture is seen', '20')
    .option('--batch <n>', 'pictures in one step', '64')
    .option('--learning-rate <rate>', 'highest learning rate', '0.1')
    .addOption(new Option('--schedule <kind>', 'how it falls').choices(['cosine', 'steps']).default('cosine'))
    .option('--held-out <share>', 'people set aside for verification', '0.15')
    .option('--seed <n>', 'of everything random', '1')
    .option('--out-name <name>', 'its name in the model library')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nStop it with Ctrl-C and start it with the same options: it goes on from its last checkpoint.',
    )
    .action(async (options: PretrainCommand) => {
      const stop = new AbortController();
      const interrupt = () =>
        stop.abort(
          new SafaceError('unavailable', 'Pre-training was stopped', 'Start it with the same options to go on.'),
        );
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      const outcome = await train(options, stop.signal);
      printResult(describe(outcome), { json: options.json, text: () => summary(outcome) });
    });
}

interface Outcome {
  readonly model: LibraryModel;
  readonly result: PretrainResult;
}

async function train(command: PretrainCommand, signal: AbortSignal): Promise<Outcome> {
  const sources = [command.data, command.simulated, command.preset].filter((source) => source !== undefined);
  if (sources.length !== 1)
    throw new SafaceError(
      'invalid-input',
      'It is not clear what to train on',
      'Give exactly one of --data, --simulated and --preset.',
    );
  const run = { signal, onProgress: reportPretraining };
  if (command.preset) return trainPreset(command.preset, libraryDir, { ...run, onPerson: reportPeople });
  const seed = whole('--seed', command.seed);
  const size = whole('--input-size', command.inputSize);
  const dimension = command.dimension === undefined ? undefined : whole('--dimension', command.dimension);
  const dataset = await openDataset(command, { seed, size, onPerson: reportPeople, signal });
  for (const { file, reason } of dataset.skipped) progress(`  left out: ${file}: ${reason}`);
  try {
    return await runPretraining({
      ...run,
      name: command.outName ?? `${command.backbone}-${command.head}`,
      dataset,
      backbone: { name: command.backbone, width: decimal('--width', command.width), inputSize: size, dimension, seed },
      head: command.head,
      options: {
        epochs: whole('--epochs', command.epochs),
        batchSize: whole('--batch', command.batch),
        heldOut: decimal('--held-out', command.heldOut),
        seed,
        schedule: { kind: command.schedule, learningRate: decimal('--learning-rate', command.learningRate) },
      },
      libraryDir,
      source: `saface pretrain on ${dataset.name}`,
    });
  } finally {
    await dataset.close();
  }
}

interface DatasetOptions {
  readonly seed: number;
  readonly size: number;
  readonly onPerson: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

function openDataset(command: PretrainCommand, options: DatasetOptions): Promise<CropPack> {
  if (command.data !== undefined)
    return ensureLabelledFolder(command.data, {
      cacheDir: pretrainingDir,
      modelsDir: folders.models,
      size: options.size,
      threads: env.threads,
      onPerson: options.onPerson,
      signal: options.signal,
    });
  const counts = /^(\d+)x(\d+)$/.exec(command.simulated ?? '');
  if (!counts)
    throw new SafaceError(
      'invalid-input',
      `--simulated ${command.simulated} does not say how many`,
      'Give people x pictures, for example 200x20.',
    );
  return simulatedCrops({ seed: options.seed, people: Number(counts[1]), pictures: Number(counts[2]) }, options);
}

function describe({ model, result }: Outcome): object {
  const { history, verification, people, steps, options } = result;
  return { model, verification, people, steps, options, history };
}

function summary({ model, result }: Outcome): string {
  const rows = result.history.map(({ epoch, loss, accuracy, verification }) => [
    String(epoch),
    loss.toFixed(3),
    accuracy.toFixed(3),
    verification.accuracy.toFixed(4),
    verification.tarAtFar1e2.toFixed(3),
  ]);
  return [
    table([['epoch', 'loss', 'training', 'held-out accuracy', 'TAR@FAR 1e-2'], ...rows]),
    `${model.name}: ${(model.bytes / 1e6).toFixed(1)} MB in ${model.path}`,
  ].join('\n');
}

function whole(option: string, text: string): number {
  const value = decimal(option, text);
  if (Number.isInteger(value)) return value;
  throw new SafaceError('invalid-input', `${option} ${text} is not a whole number`, 'Give a whole number.');
}

function decimal(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new SafaceError('invalid-input', `${option} ${text} is not a number`, 'Give a number.');
}
