import { copyWeights, defaultAdaptOptions, stepsOf } from '@saface/core';
import { errorCut } from '../offline/evaluate.ts';
import { progress } from '../output.ts';
import { type Cell, copiesPlanned, learningSetOf, openCell, openTrainer, usualCut } from './cell.ts';
import { finished } from './finished.ts';
import { type LearningChange, learnCell } from './learn-cell.ts';
import { type ModelName, openModel } from './models.ts';
import { openScene, type SceneName, worldOf } from './scenes.ts';

/** However few tracks there are yet, see `partsOfRecording`. */
const asAnEdge: LearningChange = { adapt: defaultAdaptOptions };

/** How often learning runs while the five sixths play: as soon as an eighth of them is there, or twice in all. */
export const modes = { 'always-on': 8, periodic: 2 } as const;
export type Mode = keyof typeof modes;

export interface ModePoint {
  /** Share of the learning part that has played, 0..1. */
  readonly time: number;
  /** Probes of kept tracks seen until then. */
  readonly probes: number;
  /** Of the version served from then on, on the last sixth. */
  readonly accuracy: number;
  readonly promoted: boolean;
  readonly steps: number;
  readonly seconds: number;
}

export interface ModeRun {
  readonly mode: Mode;
  readonly scene: SceneName;
  readonly before: number;
  readonly after: number;
  readonly errorCut: number;
  readonly points: readonly ModePoint[];
  readonly steps: number;
  readonly seconds: number;
  readonly promotions: number;
  /** Probes seen when the first better version went live; null when none did. */
  readonly probesToFirstGain: number | null;
  /** Mean accuracy over the time played: what recognition really had. */
  readonly meanAccuracy: number;
}

export interface ModesOptions {
  readonly model: ModelName;
  readonly scenes: readonly SceneName[];
  readonly seed: number;
}

/** Always-on against periodic learning (the paper's future work): the same video, the same gate, other moments. */
export async function compareModes({ model, scenes, seed }: ModesOptions) {
  const runs: ModeRun[] = [];
  for (const scene of scenes) {
    const world = worldOf(seed);
    const { key } = await openModel(model, usualCut(scene));
    const { fingerprint } = await openScene(scene, world);
    const copies = copiesPlanned(scene);
    for (const mode of Object.keys(modes) as Mode[]) {
      progress(`${mode} on ${scene}`);
      const plan = { experiment: 'modes', mode, times: modes[mode], model, key, fingerprint, seed, copies };
      runs.push(await finished(plan, async () => playThrough(await openCell({ scene, world, model }), { mode, seed })));
    }
  }
  return { model, seed, modes, runs };
}

export type ModesReport = Awaited<ReturnType<typeof compareModes>>;

async function playThrough(cell: Cell, { mode, seed }: { mode: Mode; seed: number }): Promise<ModeRun> {
  const times = modes[mode];
  const probing = await openTrainer(cell.model);
  let champion = copyWeights(await probing.weights());
  const before = (await cell.measure(probing)).accuracy;
  await probing.dispose();
  const points: ModePoint[] = [];
  let accuracy = before;
  for (let turn = 1; turn <= times; turn++) {
    const started = performance.now();
    const set = learningSetOf(cell.sighting, { from: 0, to: Math.round((cell.testFrom * turn) / times) });
    const trainer = await openTrainer(cell.model, champion);
    try {
      const { verdict, crossFit } = await learnCell(cell, { trainer, set, seed: seed * 1000 + turn, change: asAnEdge });
      const seconds = (performance.now() - started) / 1000;
      if (verdict.passed) {
        champion = copyWeights(await trainer.weights());
        accuracy = (await cell.measure(trainer)).accuracy;
      }
      const { passed: promoted } = verdict;
      points.push({
        time: turn / times,
        probes: set.probes.length,
        accuracy,
        promoted,
        steps: stepsOf(crossFit),
        seconds,
      });
    } finally {
      await trainer.dispose();
    }
  }
  return {
    mode,
    scene: cell.sighting.scene.name,
    before,
    after: accuracy,
    errorCut: errorCut(before, accuracy),
    points,
    steps: points.reduce((sum, p) => sum + p.steps, 0),
    seconds: points.reduce((sum, p) => sum + p.seconds, 0),
    promotions: points.filter((p) => p.promoted).length,
    probesToFirstGain: points.find((p) => p.promoted)?.probes ?? null,
    meanAccuracy: meanOverTime(before, points),
  };
}

/** A version serves from the moment it was made until the next; before the first it is the base. */
export function meanOverTime(before: number, points: readonly Pick<ModePoint, 'time' | 'accuracy'>[]): number {
  let sum = 0;
  let since = 0;
  let serving = before;
  for (const { time, accuracy } of points) {
    sum += serving * (time - since);
    since = time;
    serving = accuracy;
  }
  return sum + serving * (1 - since);
}
