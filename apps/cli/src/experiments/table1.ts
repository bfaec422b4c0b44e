import { errorCut } from '../offline/evaluate.ts';
import { progress } from '../output.ts';
import { ablations } from './ablations.ts';
import { copiesPlanned, openCell, usualCut } from './cell.ts';
import { finished } from './finished.ts';
import type { LearningChange } from './learn-cell.ts';
import { type ModelName, modelNames, openModel } from './models.ts';
import { type PassesResult, runPasses } from './passes.ts';
import { hasPortal, openScene, type SceneName, sceneNames, worldOf } from './scenes.ts';
import { type MeanInterval, meanInterval, rankCorrelation } from './statistics.ts';
import {
  byJudge,
  gainsAgainstLabels,
  heldVersions,
  type Steadiness,
  scoreAgainstLabels,
  steadinessOf,
} from './steadiness.ts';

export interface Table1Options {
  readonly models: readonly ModelName[];
  readonly scenes: readonly SceneName[];
  readonly seeds: readonly number[];
  /** Passes of the first seed; the others have one. */
  readonly passes: number;
  readonly ablations: boolean;
}

export interface Table1Cell {
  readonly model: ModelName;
  readonly scene: SceneName;
  readonly before: MeanInterval;
  readonly after: MeanInterval;
  readonly tarAtFar1e2: { readonly before: number; readonly after: number };
  /** Share of the error that is gone, of the means; and of each seed. */
  readonly errorCut: number;
  readonly errorCuts: MeanInterval;
  readonly seeds: readonly {
    readonly seed: number;
    readonly before: number;
    readonly after: number;
    readonly promoted: boolean;
    readonly verdict: string | null;
    readonly steps: number;
    readonly seconds: number;
    readonly joined: number;
    readonly leftOut: PassesResult['leftOut'];
  }[];
}

/** Table 1 of the paper: recognisers by scenes, before and after learning without labels, on the last sixth of each video. */
export async function table1(options: Table1Options) {
  const scenes = await presentScenes(options.scenes);
  const cells: Table1Cell[] = [];
  const steadiness: Steadiness[] = [];
  for (const model of options.models) {
    for (const scene of scenes) {
      const runs: { seed: number; result: PassesResult }[] = [];
      for (const seed of options.seeds) {
        const passes = seed === options.seeds[0] ? options.passes : 1;
        runs.push({ seed, result: await runCell({ model, scene, seed, passes }) });
      }
      const cell = summarise({ model, scene }, runs);
      cells.push(cell);
      progress(describeCell(cell));
      if (options.passes > 1) steadiness.push(steadinessOf({ model, scene }, runs[0].result));
    }
  }
  return {
    split: '5:1 by time; label-free before the split, labels only for these figures',
    seeds: options.seeds,
    cells,
    summary: summaryOf(cells),
    passes: options.passes > 1 ? { passes: options.passes, ...overall(steadiness), cells: steadiness } : null,
    ablations: options.ablations ? await ablate({ ...options, scenes }, cells) : null,
  };
}

export type Table1Report = Awaited<ReturnType<typeof table1>>;

interface CellRun {
  readonly model: ModelName;
  readonly scene: SceneName;
  readonly seed: number;
  readonly passes: number;
  readonly change?: LearningChange;
}

/** A simulated scene is another world for each seed; of the real one there is one video, and the seed is training's alone. */
async function runCell({ model, scene, seed, passes, change }: CellRun): Promise<PassesResult> {
  const world = worldOf(seed);
  const { key } = await openModel(model, usualCut(scene));
  const { fingerprint } = await openScene(scene, world);
  const copies = copiesPlanned(scene, change);
  return finished(
    { experiment: 'table1 with unseen tracks', model, key, fingerprint, seed, passes, change, copies },
    async () => {
      progress(`${model} on ${scene}, seed ${seed}`);
      const cell = await openCell({ scene, world, model });
      return runPasses(cell, {
        passes,
        seed,
        change,
        onPass: (pass, { kind, accuracy, promoted }) => {
          if (kind === 'candidate') progress(`  pass ${pass}: ${percent(accuracy)}${promoted ? ', promoted' : ''}`);
        },
      });
    },
  );
}

async function presentScenes(scenes: readonly SceneName[]): Promise<SceneName[]> {
  if (!scenes.includes('portal') || (await hasPortal())) return [...scenes];
  progress('The real surveillance video is absent: its row is left out (set SAFACE_DATA_DIR).');
  return scenes.filter((name) => name !== 'portal');
}

function summarise(
  of: Pick<Table1Cell, 'model' | 'scene'>,
  runs: readonly { readonly seed: number; readonly result: PassesResult }[],
): Table1Cell {
  const before = meanInterval(runs.map(({ result }) => result.base.accuracy));
  const after = meanInterval(runs.map(({ result }) => result.first.accuracy));
  const mean = (pick: (r: PassesResult) => number) =>
    runs.reduce((sum, { result }) => sum + pick(result), 0) / runs.length;
  return {
    ...of,
    before,
    after,
    tarAtFar1e2: {
      before: mean((r) => r.base.tar_at_far_1e2),
      after: mean((r) => r.first.tar_at_far_1e2),
    },
    errorCut: errorCut(before.mean, after.mean),
    errorCuts: meanInterval(runs.map(({ result }) => errorCut(result.base.accuracy, result.first.accuracy))),
    seeds: runs.map(({ seed, result }) => {
      const candidate = result.versions.find(({ pass, kind }) => pass === 1 && kind === 'candidate');
      return {
        seed,
        before: result.base.accuracy,
        after: result.first.accuracy,
        promoted: candidate?.promoted ?? false,
        verdict: candidate?.reason ?? null,
        steps: result.steps,
        seconds: result.seconds,
        joined: result.joined,
        leftOut: result.leftOut,
      };
    }),
  };
}

function summaryOf(cells: readonly Table1Cell[]) {
  const portal = cells.filter((c) => c.scene === 'portal' && c.model !== 'sphere20');
  const meanErrorCut = cells.reduce((sum, c) => sum + c.errorCut, 0) / cells.length;
  return {
    cells: cells.length,
    improved: cells.filter((c) => c.after.mean > c.before.mean).length,
    meanErrorCut,
    portalErrorCuts: Object.fromEntries(portal.map((c) => [c.model, c.errorCut])),
    targets: {
      everyCellImproved: cells.every((c) => c.after.mean > c.before.mean),
      meanErrorCutAtLeast35: meanErrorCut >= 0.35,
      portalErrorCutAtLeast30: portal.length > 0 ? portal.every((c) => c.errorCut >= 0.3) : null,
    },
  };
}

function overall(cells: readonly Steadiness[]) {
  const versions = cells.flatMap((cell) => cell.versions);
  const worstAgainstParent = Math.min(...cells.map((c) => c.worstAgainstParent));
  const worstAgainstBase = Math.min(...cells.map((c) => c.worstAgainstBase));
  const rankCorrelations = byJudge((judge) => ({
    /** Of all versions of the run, of whichever cell. */
    ofScores: rankCorrelation(scoreAgainstLabels(versions, judge)),
    /** Of the same, each against the base of its cell. */
    ofGains: rankCorrelation(cells.flatMap((cell) => gainsAgainstLabels(cell.versions, judge))),
    /** Ranks are compared among versions of one model on one scene, which are often as good as each other. */
    meanOfCells: meanOf(cells.map((c) => c.rankCorrelations[judge])),
  }));
  return {
    worstAgainstParent,
    worstAgainstBase,
    rankCorrelations,
    /** By the held-out tracks, without those that nothing holds. */
    rankCorrelationOfCandidates: rankCorrelation(scoreAgainstLabels(heldVersions(versions), 'heldOut')),
    targets: {
      neverWorseThanParentBy03: worstAgainstParent >= -0.003,
      neverWorseThanBase: worstAgainstBase >= 0,
      rankCorrelationAtLeast08: (rankCorrelations.heldOut.ofScores ?? 0) >= 0.8,
    },
  };
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((v) => v !== null);
  return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : null;
}

async function ablate({ models, scenes, seeds }: Table1Options, cells: readonly Table1Cell[]) {
  const seed = seeds[0];
  const rows: { name: string; errorCuts: Record<string, number>; mean: number }[] = [
    rowOf(
      'as it is',
      cells.map((c) => [`${c.model} ${c.scene}`, errorCut(c.seeds[0].before, c.seeds[0].after)]),
    ),
  ];
  for (const [name, change] of Object.entries(ablations)) {
    const cuts: [string, number][] = [];
    for (const model of models) {
      for (const scene of scenes) {
        const { base, first } = await runCell({ model, scene, seed, passes: 1, change });
        cuts.push([`${model} ${scene}`, errorCut(base.accuracy, first.accuracy)]);
      }
    }
    rows.push(rowOf(name, cuts));
    progress(`${name}: mean error cut ${percent(rows[rows.length - 1].mean)}`);
  }
  return rows;
}

function rowOf(name: string, cuts: readonly (readonly [string, number])[]) {
  return {
    name,
    errorCuts: Object.fromEntries(cuts),
    mean: cuts.reduce((sum, [, cut]) => sum + cut, 0) / cuts.length,
  };
}

function describeCell({ model, scene, before, after, errorCut: cut }: Table1Cell): string {
  return `${model} on ${scene}: ${percent(before.mean)} -> ${percent(after.mean)}, error cut ${percent(cut)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

export { modelNames, sceneNames };
