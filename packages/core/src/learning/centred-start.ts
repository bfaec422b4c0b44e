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
import type { Weights } from './weights.ts';

/** Where each training begins, and what was done to the weights before. */
export interface Start {
  /** What was chosen; null = no other centring than before. */
  readonly centring: CentringOptions | null;
  /** By training. */
  readonly weights: readonly Weights[];
}

type StartInput = Pick<FineTuneInput, 'trainer' | 'bank' | 'options'> & { readonly set: LearningSet };

/**
 * Takes out of the embeddings what all faces of one size have in common on this camera, each training by its own tracks, where the
 * tracks that they do without score higher so (docs/decisions/027). No gradient is needed; training then goes on from there. The
 * trainer holds any weights afterwards.
 *
 * @param judged all held-out probes, in any order
 */
export async function centredStart(
  input: StartInput,
  splits: readonly LearningSplit[],
  judged: LearningSet,
): Promise<Start> {
  const { trainer, options } = input;
  const first = await trainer.weights();
  const asItIs: Start = { centring: null, weights: splits.map(() => first) };
  const scorer = createScorer({ heldOut: judged, options });
  const bare = await trainer.centred(null);
  if (options.centrings.length === 0 || scorer === null || bare === null) return asItIs;
  const seen = await sizedEmbeddings(input, { first, bare });
  if (seen === null) return asItIs;
  const { gauge } = seen;
  const parts = splits.map(({ training, heldOut }) => ({
    training,
    own: seen.of(training),
    left: seen.of(heldOut),
  }));
  const centringsBy = (option: CentringOptions) =>
    parts.map(({ training, own }) => centringOf(training, { gauge, ...own }, option));
  let best: { option: CentringOptions | null; rank: number } = { option: null, rank: scorer(seen.before(judged)).rank };
  for (const option of options.centrings) {
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
    if (written === null) return asItIs;
    weights.push(written);
  }
  return { centring: best.option, weights };
}

/** What the whole set looks like with no centring, and with the one that it came with. */
interface SizedEmbeddings {
  readonly gauge: SizeGauge;
  /** A part's embeddings without any centring, one after another, and the size of each face. */
  of(part: LearningSet): { readonly embeddings: Float32Array; readonly sizes: readonly number[] };
  /** A part's embeddings under the first weights. */
  before(part: LearningSet): Float32Array;
}

/**
 * One gauge for all trainings, so that the mean of their weights has it as well; it sees how large faces are, not whose they are.
 * Null where sizes say nothing.
 */
async function sizedEmbeddings(
  { trainer, bank, set }: StartInput,
  { first, bare }: { readonly first: Weights; readonly bare: Weights },
): Promise<SizedEmbeddings | null> {
  const rows = set.probes.map(({ row }) => row);
  const means = await channelMeans(bank, rows, trainer.featureShape);
  const gauge = fitGauge(set, means);
  if (gauge === null) return null;
  const sizes = readSizes(gauge, means);
  const embedded = async (weights: Weights) => {
    await trainer.load(weights);
    return embedProbes(trainer, bank, rows);
  };
  const { values, dimension } = await embedded(bare);
  const before = sameWeights(first, bare) ? values : (await embedded(first)).values;
  const position = new Map(rows.map((row, i) => [row, i]));
  const positions = ({ probes }: LearningSet) => probes.map(({ row }) => position.get(row)!);
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
  };
}

function sameWeights(a: Weights, b: Weights): boolean {
  return [...a].every(([name, values]) => values.every((value, i) => value === b.get(name)![i]));
}
