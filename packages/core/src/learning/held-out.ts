import { embedProbes } from './embed.ts';
import type { FineTuneInput } from './fine-tune-types.ts';
import type { LearningSet } from './learning-set.ts';
import type { LearningSplit } from './split.ts';
import type { Weights } from './weights.ts';

/** Embeddings of all probes of a set under the weights that the trainer holds. */
export async function embedSet(
  { trainer, bank, first }: Pick<FineTuneInput, 'trainer' | 'bank' | 'first'>,
  set: LearningSet,
): Promise<Float32Array> {
  const rows = set.probes.map((p) => p.row);
  const { values } = await (first ? first.embed({ trainer, bank }, rows) : embedProbes(trainer, bank, rows));
  return values;
}

/** Each part's held-out probes under the weights that were trained without it, in the order of `judged`. */
export async function embedHeldOut(
  input: Pick<FineTuneInput, 'trainer' | 'bank' | 'first'>,
  of: { readonly parts: readonly LearningSplit[]; readonly weights: readonly Weights[]; readonly judged: LearningSet },
): Promise<Float32Array> {
  const embedded: Float32Array[] = [];
  for (const [part, { heldOut }] of of.parts.entries()) {
    if (heldOut.probes.length > 0) await input.trainer.load(of.weights[part]!);
    embedded.push(heldOut.probes.length > 0 ? await embedSet(input, heldOut) : new Float32Array(0));
  }
  return gatherHeldOut(of, embedded);
}

/** What was made of each part's held-out probes, in the order of `judged`. */
export function gatherHeldOut(
  { parts, judged }: { readonly parts: readonly LearningSplit[]; readonly judged: LearningSet },
  embedded: readonly Float32Array[],
): Float32Array {
  const position = new Map(judged.probes.map(({ row }, at) => [row, at]));
  const held = parts.reduce((sum, { heldOut }) => sum + heldOut.probes.length, 0);
  const dimension = embedded.reduce((sum, { length }) => sum + length, 0) / Math.max(1, held);
  const all = new Float32Array(judged.probes.length * dimension);
  for (const [part, { heldOut }] of parts.entries())
    heldOut.probes.forEach(({ row }, i) => {
      all.set(embedded[part]!.subarray(i * dimension, (i + 1) * dimension), position.get(row)! * dimension);
    });
  return all;
}
