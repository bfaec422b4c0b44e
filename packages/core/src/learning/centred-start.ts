import { createScorer } from './choose-weights.ts';
import { embedProbes } from './embed.ts';
import type { FineTuneInput } from './fine-tune-types.ts';
import { gather } from './held-out.ts';
import type { LearningSet } from './learning-set.ts';
import {
  type CentringOptions,
  centred,
  centringOf,
  channelMeans,
  fitGauge,
  readSizes,
  type SizeGauge,
} from './size-centring.ts';
import type { LearningSplit } from './split.ts';
import { type Weights, weightsAreFinite } from './weights.ts';

/** Where each training begins, and what was done to the weights before. */
export interface Start {
  /** What was chosen; null = as before. A share and evenness of 0 take away the centring of before. */
  readonly centring: CentringOptions | null;
  /** By training. */
  readonly weights: readonly Weights[];
}

type StartInput = Pick<FineTuneInput, 'trainer' | 'bank' | 'options' | 'signal'>;

/**
 * Takes out of the embeddings what all faces of one size have in common on this camera, each training by its own tracks, where the
 * tracks that they do without score higher so (docs/decisions/027). No gradient is needed; training then goes on from there. The
 * trainer holds any weights afterwards.
 *
 * @param judged all held-out probes, in any order
 * @param chosen what was chosen before a restart: another choice would not fit to trainings that are over
 */
export async function centredStart(
  input: StartInput,
  { splits, judged, chosen }: { splits: readonly LearningSplit[]; judged: LearningSet; chosen?: Start['centring'] },
): Promise<Start> {
  const { trainer, signal } = input;
  const first = await trainer.weights();
  const asItIs: Start = { centring: null, weights: splits.map(() => first) };
  const scorer = createScorer({ heldOut: judged, options: input.options });
  const bare = await trainer.centred(null);
  const options = chosen ? [chosen] : chosen === null ? [] : input.options.centrings;
  if (options.length === 0 || scorer === null || bare === null) return asItIs;
  const seen = await sizedEmbeddings(input, { splits, first, bare });
  if (seen === null) return asItIs;
  const { gauge } = seen;
  const parts = splits.map(({ training, heldOut }) => ({
    training,
    own: seen.of(training),
    left: seen.of(heldOut),
  }));
  const centringsBy = (option: CentringOptions) =>
    parts.map(({ training, own }) => centringOf(training, { gauge, ...own }, option));
  let best: { option: CentringOptions | null; rank: number } = chosen
    ? { option: chosen, rank: 1 }
    : { option: null, rank: scorer(seen.before(judged)).rank };
  for (const option of seen.wasCentred ? [...options, NO_CENTRING] : options) {
    if (signal?.aborted) return asItIs;
    const centrings = centringsBy(option);
    const left = parts.map(({ left }, part) => centred(left.embeddings, left.sizes, centrings[part]!));
    const { rank } = scorer(gather({ parts: splits, judged }, left));
    if (rank > best.rank) best = { option, rank };
  }
  if (best.option === null) return asItIs;
  await trainer.load(first);
  const weights: Weights[] = [];
  for (const centring of centringsBy(best.option)) {
    const written = await trainer.centred(centring);
    if (written === null || !weightsAreFinite(written)) return asItIs;
    weights.push(written);
  }
  return { centring: best.option, weights };
}

const NO_CENTRING: CentringOptions = { share: 0, evenness: 0 };

/** What the whole set looks like with no centring, and with the one that it came with. */
interface SizedEmbeddings {
  readonly gauge: SizeGauge;
  /** A part's embeddings without any centring, one after another, and the size of each face. */
  of(part: LearningSet): { readonly embeddings: Float32Array; readonly sizes: readonly number[] };
  /** A part's embeddings under the first weights, and whether those are centred. */
  before(part: LearningSet): Float32Array;
  readonly wasCentred: boolean;
}

/**
 * One gauge for all trainings, so that the mean of their weights has it as well: by the tracks of the training that has most. Of
 * several some hold a part of those out; then it has seen how large these faces are, but not whose they are. Null where sizes say
 * nothing.
 */
async function sizedEmbeddings(
  { trainer, bank }: StartInput,
  { splits, first, bare }: { splits: readonly LearningSplit[]; first: Weights; bare: Weights },
): Promise<SizedEmbeddings | null> {
  const { training: most } = splits.toSorted((a, b) => b.training.probes.length - a.training.probes.length)[0]!;
  const meansOf = (rows: readonly number[]) => channelMeans(bank, rows, trainer.featureShape);
  const gauge = fitGauge(most, await meansOf(rowsOf(most)));
  if (gauge === null) return null;
  const rows = [...new Set(splits.flatMap((split) => [split.training, split.heldOut].flatMap(rowsOf)))];
  const sizes = readSizes(gauge, await meansOf(rows));
  const embedded = async (weights: Weights) => {
    await trainer.load(weights);
    return embedProbes(trainer, bank, rows);
  };
  const { values, dimension } = await embedded(bare);
  const wasCentred = !sameWeights(first, bare);
  const before = wasCentred ? (await embedded(first)).values : values;
  const position = new Map(rows.map((row, i) => [row, i]));
  const positions = (part: LearningSet) => rowsOf(part).map((row) => position.get(row)!);
  const pick = (from: Float32Array, part: LearningSet) => {
    const picked = new Float32Array(part.probes.length * dimension);
    positions(part).forEach((p, i) => {
      picked.set(from.subarray(p * dimension, (p + 1) * dimension), i * dimension);
    });
    return picked;
  };
  return {
    gauge,
    of: (part) => ({ embeddings: pick(values, part), sizes: positions(part).map((p) => sizes[p]!) }),
    before: (part) => pick(before, part),
    wasCentred,
  };
}

function rowsOf({ probes }: LearningSet): number[] {
  return probes.map(({ row }) => row);
}

function sameWeights(a: Weights, b: Weights): boolean {
  return [...a].every(([name, values]) => values.every((value, i) => value === b.get(name)![i]));
}
