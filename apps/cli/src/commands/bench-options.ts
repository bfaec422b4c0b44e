import { SafaceError } from '@saface/core';
import type { Command } from 'commander';
import { modelNames } from '../experiments/models.ts';
import { sceneNames, TUNING_WORLD } from '../experiments/scenes.ts';

export type FoldsFlags = Readonly<Record<'model' | 'scenario' | 'world' | 'folds', string>> & {
  readonly json: boolean;
};

/** A command that works on folds of one recogniser on one scene. */
export function foldsCommand(
  bench: Command,
  name: string,
  { model, description, folds = '5' }: { model: string; description: string; folds?: string },
): Command {
  return bench
    .command(name)
    .description(description)
    .option('--model <name>', 'which recogniser', model)
    .option('--scenario <name>', 'which scene', 'portal')
    .option('--world <n>', 'seed of the simulated world; tables report worlds 7, 8 and 9', String(TUNING_WORLD))
    .option('--folds <n>', 'parts', folds)
    .option('--json', 'print one JSON object', false);
}

export const foldsPlan = ({ model, scenario, world, folds }: FoldsFlags) => ({
  model: names(model, modelNames, 'recogniser')[0],
  scene: names(scenario, sceneNames, 'scene')[0],
  world: numbers(world, 'world')[0],
  counts: numbers(folds, 'folds'),
});

/** @throws SafaceError `invalid-input` for a name that is not known */
export function names<T extends string>(list: string, known: readonly T[], what: string): T[] {
  return list.split(',').map((name) => {
    const found = known.find((k) => k === name.trim());
    if (found) return found;
    throw new SafaceError('invalid-input', `There is no ${what} "${name.trim()}"`, `Use some of: ${known.join(', ')}.`);
  });
}

/** @throws SafaceError `invalid-input` for anything but whole numbers with commas between */
export function numbers(list: string, what: string): number[] {
  return list.split(',').map((text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 0 && text.trim() !== '') return value;
    throw new SafaceError('invalid-input', `"${text}" is no number of ${what}`, 'Give whole numbers, such as 1,2,3.');
  });
}
