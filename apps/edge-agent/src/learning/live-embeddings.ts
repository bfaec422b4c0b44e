import { fromHalf, type Learner } from '@saface/core';
import type { HeldProbe } from './track-files.ts';

/** Probes per call of a learner, so that recognition gets its turn in between. */
const CHUNK = 8;

/** Embeddings of kept probes under the learners that are compared: each probe goes through each learner once. */
export class LiveEmbeddings {
  readonly #known = new WeakMap<Learner, WeakMap<HeldProbe, Float32Array>>();

  /** Float32 of `probes.length * learner.dimension`, in order. */
  async of(learner: Learner, probes: readonly HeldProbe[]): Promise<Float32Array> {
    const known = this.#known.get(learner) ?? new WeakMap<HeldProbe, Float32Array>();
    this.#known.set(learner, known);
    const missing = probes.filter((probe) => !known.has(probe));
    for (let at = 0; at < missing.length; at += CHUNK) {
      await embedChunk(learner, missing.slice(at, at + CHUNK), known);
      // The network blocks this thread while it runs; frames that arrived meanwhile go first.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { dimension } = learner;
    const all = new Float32Array(probes.length * dimension);
    probes.forEach((probe, i) => {
      all.set(known.get(probe)!, i * dimension);
    });
    return all;
  }
}

async function embedChunk(
  learner: Learner,
  probes: readonly HeldProbe[],
  known: WeakMap<HeldProbe, Float32Array>,
): Promise<void> {
  const size = probes[0]!.features.length;
  const features = new Float32Array(probes.length * size);
  probes.forEach((probe, i) => {
    fromHalf(probe.features, features.subarray(i * size, (i + 1) * size));
  });
  const embeddings = await learner.embed(features);
  const { dimension } = learner;
  probes.forEach((probe, i) => {
    known.set(probe, embeddings.slice(i * dimension, (i + 1) * dimension));
  });
}
