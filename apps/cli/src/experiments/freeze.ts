import type { RgbImage } from '@saface/core';
import {
  createRandom,
  embedProbes,
  type FineTuneOptions,
  fineTuneOptionsFor,
  generateTriplets,
  shuffle,
} from '@saface/core';
import { createOrtExtractor } from '@saface/engine';
import { env } from '../env.ts';
import { errorCut } from '../offline/evaluate.ts';
import { progress } from '../output.ts';
import { type Cell, openCell, openTrainer } from './cell.ts';
import { finished } from './finished.ts';
import type { ModelName } from './models.ts';
import { runPasses } from './passes.ts';
import { openScene, type SceneName, worldOf } from './scenes.ts';
import { meanInterval } from './statistics.ts';

export interface FreezeOptions {
  readonly model: ModelName;
  readonly scenes: readonly Exclude<SceneName, 'portal'>[];
  /** Convolution layers frozen. */
  readonly depths: readonly number[];
  /** Worlds and training runs; speed is measured in the first. */
  readonly seeds: readonly number[];
}

export interface FreezeRow {
  readonly scene: SceneName;
  readonly frozen: number;
  readonly cut: string;
  readonly learnerFlops: number;
  readonly extractorFlops: number;
  /** Means over the seeds, and each. */
  readonly before: number;
  readonly after: number;
  readonly afterBySeed: readonly number[];
  readonly errorCut: number;
  /** Training steps of `TRIPLETS` triplets a second: the frozen part's features from the cache, and computed at each step. */
  readonly stepsPerSecond: { readonly cached: number; readonly uncached: number };
}

/** The paper's batch (section 6.2). */
const TRIPLETS = 40;
const ROUNDS = 7;
const WARM_UP = 2;

/**
 * Figures 7 and 8: accuracy against training speed by how many layers are frozen. Accuracy is of the version that the gate
 * lets through, with the product's settings; speed is of whole steps (read features, forward, loss, backward, update). All
 * depths of a scene take turns in each round, so that whatever else the machine does hits them alike.
 */
export async function freeze({ model, scenes, depths, seeds }: FreezeOptions) {
  const rows: FreezeRow[] = [];
  for (const scene of scenes) {
    const open = (depth: number, seed: number) => openCell({ scene, world: worldOf(seed), model, cut: depth });
    const cells: Cell[] = [];
    for (const depth of depths) cells.push(await open(depth, seeds[0]));
    const speeds = await measureSpeeds(cells);
    for (const [i, { model: opened }] of cells.entries()) {
      const befores: number[] = [];
      const afters: number[] = [];
      for (const seed of seeds) {
        const { fingerprint } = await openScene(scene, worldOf(seed));
        progress(`${model} on ${scene}, ${opened.frozenConvolutions} layers frozen, seed ${seed}`);
        const { base, first } = await finished({ experiment: 'freeze', key: opened.key, fingerprint, seed }, async () =>
          runPasses(seed === seeds[0] ? cells[i] : await open(depths[i], seed), {
            passes: 1,
            seed,
            change: byGradientsAlone,
          }),
        );
        befores.push(base.accuracy);
        afters.push(first.accuracy);
      }
      const [before, after] = [meanInterval(befores).mean, meanInterval(afters).mean];
      rows.push({
        scene,
        frozen: opened.frozenConvolutions,
        cut: opened.cut,
        learnerFlops: opened.flops.learner,
        extractorFlops: opened.flops.extractor,
        before,
        after,
        afterBySeed: afters,
        errorCut: errorCut(before, after),
        stepsPerSecond: speeds[i],
      });
    }
  }
  return { model, seeds, triplets: TRIPLETS, rows, summary: scenes.map((scene) => compareWithAll(scene, rows)) };
}

export type FreezeReport = Awaited<ReturnType<typeof freeze>>;

/**
 * A learner that is the whole network has no features to tell conditions by, and depths are compared by what training does; held-out
 * tracks choose the rest.
 */
const byGradientsAlone = { fineTune: { centring: null } };

/** Freezing 12 against training everything, the paper's comparison. */
function compareWithAll(scene: SceneName, rows: readonly FreezeRow[]) {
  const of = (frozen: number) => rows.find((row) => row.scene === scene && row.frozen === frozen);
  const [all, twelve] = [of(0), of(12)];
  if (!all || !twelve) return { scene, lossPoints: null, speedUp: null, speedUpUncached: null };
  return {
    scene,
    lossPoints: (all.after - twelve.after) * 100,
    speedUp: twelve.stepsPerSecond.cached / all.stepsPerSecond.cached,
    speedUpUncached: twelve.stepsPerSecond.uncached / all.stepsPerSecond.cached,
  };
}

async function measureSpeeds(cells: readonly Cell[]): Promise<FreezeRow['stepsPerSecond'][]> {
  const rows = await tripletRows(cells[0]);
  const crops = await cells[0].crops(rows);
  const benches = await Promise.all(cells.map((cell) => openBench(cell, { rows, crops })));
  const times = benches.map(() => ({ cached: [] as number[], uncached: [] as number[] }));
  try {
    for (let round = 0; round < ROUNDS + WARM_UP; round++) {
      for (const [i, bench] of benches.entries()) {
        for (const kind of ['cached', 'uncached'] as const) {
          const started = performance.now();
          await bench[kind]();
          if (round >= WARM_UP) times[i][kind].push(performance.now() - started);
        }
      }
    }
  } finally {
    for (const bench of benches) await bench.dispose();
  }
  return times.map(({ cached, uncached }) => ({ cached: 1000 / median(cached), uncached: 1000 / median(uncached) }));
}

interface Bench {
  cached(): Promise<unknown>;
  uncached(): Promise<unknown>;
  dispose(): Promise<void>;
}

async function openBench(cell: Cell, { rows, crops }: { rows: number[]; crops: readonly RgbImage[] }): Promise<Bench> {
  const { model, bank } = cell;
  const trainer = await openTrainer(model);
  const extractor = await createOrtExtractor(model.extractor, { input: model.spec.input, threads: env.threads });
  // A tiny rate: the weights stay sane however often the same step is taken.
  const options = { ...stepOptions(fineTuneOptionsFor(model.spec.metric)), apply: true };
  return {
    cached: async () => trainer.step(await bank.read(rows), options),
    uncached: async () => trainer.step(await extractor.extract(crops), options),
    async dispose() {
      await trainer.dispose();
      await extractor.dispose();
    },
  };
}

function stepOptions({ momentum, weightDecay, basePull }: FineTuneOptions) {
  return { learningRate: 1e-6, momentum, weightDecay, basePull, margin: 1 };
}

/** Rows of `TRIPLETS` real triplets: anchors, positives, negatives. */
async function tripletRows({ model, bank, set }: Cell): Promise<number[]> {
  const trainer = await openTrainer(model);
  try {
    const { values, dimension } = await embedProbes(
      trainer,
      bank,
      set.probes.map((p) => p.row),
    );
    const found = generateTriplets(set, values, { dimension, metric: model.spec.metric });
    const chosen = shuffle([...found.anchor.keys()], createRandom(1)).slice(0, TRIPLETS);
    return [found.anchor, found.positive, found.negative].flatMap((part) => chosen.map((i) => set.probes[part[i]].row));
  } finally {
    await trainer.dispose();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
