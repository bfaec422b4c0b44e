import { SafaceError } from '@saface/core';
import { type Augmentation, defaultAugmentation } from './augment.ts';
import { type HeadName, heads } from './heads/index.ts';
import type { Schedule } from './schedule.ts';

/** How a network is pre-trained. */
export interface PretrainOptions {
  readonly epochs: number;
  readonly batchSize: number;
  readonly schedule: Schedule;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Of the head; see its file. */
  readonly scale: number;
  readonly margin: number;
  /** Share of all steps over which the margin grows from 0: an untrained network cannot meet it yet. */
  readonly marginWarmUp: number;
  /** Longest gradient. */
  readonly clip: number;
  /** Share of the people set aside for verification. */
  readonly heldOut: number;
  readonly augmentation: Augmentation;
  /** Of everything random: held-out people, order, augmentation, initial weights. */
  readonly seed: number;
}

/** What may be left out, field by field. */
export type PretrainSettings = Partial<Omit<PretrainOptions, 'schedule' | 'augmentation'>> & {
  readonly schedule?: Partial<Schedule>;
  readonly augmentation?: Partial<Augmentation>;
};

/** The papers' settings, with a batch for small machines. */
export function resolvePretrainOptions(head: HeadName, settings: PretrainSettings = {}): PretrainOptions {
  const options: PretrainOptions = {
    epochs: 20,
    batchSize: 64,
    momentum: 0.9,
    weightDecay: 5e-4,
    scale: heads[head].scale,
    margin: heads[head].margin,
    marginWarmUp: 0.3,
    clip: 5,
    heldOut: 0.15,
    seed: 1,
    ...settings,
    schedule: { kind: 'cosine', learningRate: 0.1, warmUp: 0.05, drops: [0.5, 0.75, 0.9], ...settings.schedule },
    augmentation: { ...defaultAugmentation, ...settings.augmentation },
  };
  check('epochs', options.epochs, { from: 1, to: 10_000, whole: true });
  check('batchSize', options.batchSize, { from: 2, to: 4096, whole: true });
  check('learningRate', options.schedule.learningRate, { from: 0, to: 100 });
  check('warmUp', options.schedule.warmUp, { from: 0, to: 1 });
  check('momentum', options.momentum, { from: 0, to: 1 });
  check('weightDecay', options.weightDecay, { from: 0, to: 1 });
  check('scale', options.scale, { from: 1, to: 1000 });
  check('margin', options.margin, { from: 0, to: 2 });
  check('marginWarmUp', options.marginWarmUp, { from: 0, to: 1 });
  check('clip', options.clip, { from: 1e-6, to: 1e30 });
  check('heldOut', options.heldOut, { from: 0, to: 0.9 });
  check('seed', options.seed, { from: 0, to: 2 ** 32 - 1, whole: true });
  return options;
}

function check(name: string, value: number, { from, to, whole }: { from: number; to: number; whole?: boolean }): void {
  if (value >= from && value <= to && (!whole || Number.isInteger(value))) return;
  throw new SafaceError(
    'invalid-input',
    `The option ${name} is ${value}`,
    `Choose a ${whole ? 'whole ' : ''}number from ${from} to ${to}.`,
  );
}
