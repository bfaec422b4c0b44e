import { Matrix } from 'ml-matrix';
import { createScorer, leastToBelieve } from './choose-weights.ts';
import {
  type CentringOptions,
  centred,
  centringsOf,
  channelMeans,
  fitLevels,
  readLevels,
  type SeenFaces,
} from './condition-centring.ts';
import { embedProbes } from './embed.ts';
import type { FineTuneInput } from './fine-tune-types.ts';
import { gatherHeldOut } from './held-out.ts';
import type { LearningSet } from './learning-set.ts';
import type { LearningSplit } from './split.ts';
import { type Weights, weightsAreFinite } from './weights.ts';

/** Where each training begins, and what was done to the weights before. */
export interface Start {
  /** What was chosen; null = as before. A share and evenness of 0 take away the centring of before. */
  readonly centring: CentringOptions | null;
  /** Whether these are the first that are centred on this camera. */
  readonly isFirst: boolean;
  /** By training. */
  readonly weights: readonly Weights[];
}

type StartInput = Pick<FineTuneInput, 'trainer' | 'bank' | 'options' | 'signal'>;

/**
 * Takes out of the embeddings what all faces under the same conditions have in common on this camera, each training by its own
 * tracks (docs/decisions/027). The first time unless the tracks that they do without speak against it; a centring that is there is
 * replaced where they score higher so. No gradient is needed; training then goes on from there. The
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
  const asItIs: Start = { centring: null, isFirst: false, weights: splits.map(() => first) };
  const scorer = createScorer({ heldOut: judged, options: input.options });
  const bare = await trainer.centred(null);
  const options = chosen ? [chosen] : chosen === null ? [] : input.options.centrings;
  if (options.length === 0 || scorer === null || bare === null) return asItIs;
  const seen = await seenFaces(input, { splits, first, bare });
  if (seen === null) return asItIs;
  const makers = splits.map(({ training }) => centringsOf(training, seen.of(training)));
  if (makers.some((maker) => maker === null)) return asItIs;
  const left = splits.map(({ heldOut }) => seen.of(heldOut));
  const centringsBy = (option: CentringOptions) => makers.map((maker) => maker!(option));
  const asBefore = scorer(seen.before(judged)).rank;
  let best: { option: CentringOptions | null; rank: number } = chosen
    ? { option: chosen, rank: 1 }
    : { option: null, rank: seen.wasCentred ? asBefore : leastToBelieve(asBefore) };
  const tried = seen.wasCentred ? [...options, NO_CENTRING] : options;
  for (const option of chosen ? [] : tried) {
    if (signal?.aborted) return asItIs;
    const centrings = centringsBy(option);
    const embedded = left.map(({ embeddings, levels }, part) => centred(embeddings, levels, centrings[part]!));
    const { rank } = scorer(gatherHeldOut({ parts: splits, judged }, embedded));
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
  return { centring: best.option, isFirst: !seen.wasCentred, weights };
}

/** As good as none, but no camera's first: what was taken away is not put back on trust. */
const NO_CENTRING: CentringOptions = { share: 0, evenness: 0 };

/** What the whole set looks like with no centring, and with the one that it came with. */
interface AllFaces {
  /** A part of the set, without any centring. */
  of(part: LearningSet): SeenFaces;
  /** A part's embeddings under the first weights, and whether those are centred. */
  before(part: LearningSet): Float32Array;
  readonly wasCentred: boolean;
}

/**
 * Levels have one scale for all trainings, so that the mean of their weights has it as well: by the tracks of the training that has
 * most. Of several some hold a part of those out; then it has seen how these faces are seen, but not whose they are. Null where
 * channels say nothing.
 */
async function seenFaces(
  { trainer, bank }: StartInput,
  { splits, first, bare }: { splits: readonly LearningSplit[]; first: Weights; bare: Weights },
): Promise<AllFaces | null> {
  const { training: most } = splits.toSorted((a, b) => b.training.probes.length - a.training.probes.length)[0]!;
  const rows = [...new Set(splits.flatMap((split) => [split.training, split.heldOut].flatMap(rowsOf)))];
  const position = new Map(rows.map((row, i) => [row, i]));
  const positions = (part: LearningSet) => rowsOf(part).map((row) => position.get(row)!);
  const means = await channelMeans(bank, rows, trainer.featureShape);
  const scale = fitLevels(most, selectRows(means, positions(most)));
  if (scale === null) return null;
  const levels = readLevels(scale, means);
  const embedded = async (weights: Weights) => {
    await trainer.load(weights);
    return embedProbes(trainer, bank, rows);
  };
  const { values, dimension } = await embedded(bare);
  const wasCentred = !sameWeights(first, bare);
  const before = wasCentred ? (await embedded(first)).values : values;
  const pick = (from: Float32Array, part: LearningSet) => {
    const picked = new Float32Array(part.probes.length * dimension);
    positions(part).forEach((p, i) => {
      picked.set(from.subarray(p * dimension, (p + 1) * dimension), i * dimension);
    });
    return picked;
  };
  return {
    of: (part) => ({ scale, levels: selectRows(levels, positions(part)), embeddings: pick(values, part) }),
    before: (part) => pick(before, part),
    wasCentred,
  };
}

/** Also none of them, which `Matrix.subMatrixRow` does not know. */
function selectRows(matrix: Matrix, rows: readonly number[]): Matrix {
  return rows.length > 0 ? matrix.subMatrixRow([...rows]) : Matrix.zeros(0, matrix.columns);
}

function rowsOf({ probes }: LearningSet): number[] {
  return probes.map(({ row }) => row);
}

function sameWeights(a: Weights, b: Weights): boolean {
  return [...a].every(([name, values]) => values.every((value, i) => value === b.get(name)![i]));
}
