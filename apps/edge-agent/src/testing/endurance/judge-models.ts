import {
  accuracyStatistic,
  bootstrapDifference,
  buildPairs,
  type Extractor,
  embeddingDistance,
  embedProbes,
  FeatureStore,
  type Learner,
  type RecogniserSpec,
  sortPairs,
} from '@saface/core';
import { cutModel, decodeModel, encodeModel, normalizeModel } from '@saface/engine/onnx/index';
import { createOrtExtractor, createOrtLearner } from '@saface/engine/training/index';
import type { HourAccuracy } from './checks.ts';
import { dayLights } from './day.ts';
import type { ProbePool } from './pool.ts';

/** A labelled probe of the hour: its row in the pool and who it shows. */
export interface ShownProbe {
  readonly row: number;
  readonly person: number;
}

/** Below this an hour says nothing. */
const LEAST_PAIRS = 40;

/** Compares learners on probes of the pool. Features are extracted once, as every learner of a base model takes the same. */
export class ModelJudge {
  readonly #spec: RecogniserSpec;
  readonly #features: FeatureStore;
  readonly #base: Learner;
  readonly #open = new Map<string, Learner>();

  private constructor(spec: RecogniserSpec, features: FeatureStore, base: Learner) {
    this.#spec = spec;
    this.#features = features;
    this.#base = base;
  }

  static async create(pool: ProbePool, model: Uint8Array): Promise<ModelJudge> {
    const spec = pool.recogniser;
    const parts = cutModel(normalizeModel(decodeModel(model)), spec.defaultCut);
    const extractor = await createOrtExtractor(encodeModel(parts.extractor), { input: spec.input });
    const features = await extractAll(pool, extractor);
    await extractor.dispose();
    return new ModelJudge(spec, features, await createOrtLearner(encodeModel(parts.learner)));
  }

  /** Bytes that one probe takes in the edge's track store: half floats, and a small picture. */
  probeBytes(size: number): number {
    return 2 * this.#features.sampleSize + 3 * Math.min(64, size) ** 2;
  }

  /** Verification accuracy of the base and of a served learner on the probes of one hour. `learner` null: the base serves. */
  async compare(
    shown: readonly ShownProbe[],
    served: { readonly id: string; readonly learner: Uint8Array | null },
  ): Promise<HourAccuracy | null> {
    const unique = [...new Map(shown.map((probe) => [probe.row, probe])).values()].sort((a, b) => a.row - b.row);
    const samples = thinned(unique, 240);
    const pairs = buildPairs(
      samples.map(({ person }) => ({ identity: person, frame: 0 })),
      { minGap: 0, maxPairs: 8000 },
    );
    if (pairs.genuine.a.length < LEAST_PAIRS || pairs.impostor.a.length < LEAST_PAIRS) return null;
    const before = await this.#distances(this.#base, samples, pairs);
    const after = served.learner
      ? await this.#distances(await this.#learner(served.id, served.learner), samples, pairs)
      : before;
    const people = [...new Set(samples.map(({ person }) => person))];
    const unit = (i: number) => people.indexOf(samples[i]!.person);
    const sides = (side: 'a' | 'b') => Int32Array.from([...pairs.genuine[side], ...pairs.impostor[side]], unit);
    const units = { unitCount: people.length, first: sides('a'), second: sides('b') };
    const { value, low, high, ...accuracy } = bootstrapDifference({ before, after }, accuracyStatistic, {
      units,
      resamples: 200,
    });
    return {
      base: accuracy.before,
      served: accuracy.after,
      difference: { value, low, high },
      probes: samples.length,
    };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#base, ...this.#open.values()].map((learner) => learner.dispose()));
  }

  async #distances(learner: Learner, samples: readonly ShownProbe[], pairs: ReturnType<typeof buildPairs>) {
    const rows = samples.map(({ row }) => row);
    const { values, dimension } = await embedProbes(learner, this.#features, rows);
    const vector = (i: number) => values.subarray(i * dimension, (i + 1) * dimension);
    const distances = ({ a, b }: { a: Int32Array; b: Int32Array }) =>
      Float64Array.from(a, (i, k) => embeddingDistance(vector(i), vector(b[k]!), this.#spec.metric));
    return sortPairs({ genuine: distances(pairs.genuine), impostor: distances(pairs.impostor) });
  }

  /** Only the newest stays open. */
  async #learner(id: string, onnx: Uint8Array): Promise<Learner> {
    const known = this.#open.get(id);
    if (known) return known;
    for (const [old, learner] of this.#open) {
      await learner.dispose();
      this.#open.delete(old);
    }
    const learner = await createOrtLearner(onnx);
    this.#open.set(id, learner);
    return learner;
  }
}

async function extractAll(pool: ProbePool, extractor: Extractor): Promise<FeatureStore> {
  const features = new FeatureStore(extractor.featureShape.reduce((a, b) => a * b, 1));
  for (const person of pool.people.keys()) {
    for (const light of dayLights) {
      const crops = Array.from({ length: pool.pictures }, (_, picture) => pool.crop(person, light, picture));
      features.add(await extractor.extract(crops));
    }
  }
  return features;
}

/** Evenly spread over the list. */
function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}
