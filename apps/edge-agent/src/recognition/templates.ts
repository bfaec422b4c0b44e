import type { Logger } from '@saface/agent-kit';
import {
  type ArtifactRef,
  type BaseModelConfig,
  cropsFor,
  describeError,
  type EdgeIdentity,
  Gallery,
  type Learner,
  SafaceError,
} from '@saface/core';
import type { Problems } from '../control/problems.ts';
import { type CropDecoder, CropFeatures } from './crop-features.ts';
import { type LoadedBase, sampleSizeOf } from './models.ts';

/** A base model in memory. */
export interface ServedBase extends LoadedBase {
  readonly config: BaseModelConfig;
}

/** A learner with its embeddings of enrolled crops, by hash. */
export interface EmbeddingVersion {
  readonly learner: Learner;
  readonly embeddings: Map<string, Float32Array>;
}

export interface TemplateOptions {
  readonly artifact: (ref: ArtifactRef) => Promise<Uint8Array>;
  readonly decodeCrop: CropDecoder;
  readonly log: Logger;
  readonly problems: Problems;
}

interface EmbedWith {
  readonly base: ServedBase;
  readonly version: EmbeddingVersion;
}

/** Crops per call of the network, so that recognition gets its turn in between. */
const CHUNK = 8;

/** Makes galleries of enrolled crops. The frozen part of a base model sees each crop once, and a version embeds it once. */
export class Templates {
  readonly #options: TemplateOptions;
  readonly #features = new CropFeatures();

  constructor(options: TemplateOptions) {
    this.#options = options;
  }

  /** Features of a crop at the cut, if they are known. */
  features(base: ServedBase, sha256: string): Float32Array | null {
    return this.#features.get(featureKey(base, sha256));
  }

  /** Forgets the features of all other crops. */
  retain(crops: ReadonlySet<string>): void {
    this.#features.retain((key) => crops.has(key.slice(key.indexOf('/') + 1)));
  }

  /**
   * Everybody's templates under one version; what it still lacks is embedded, and what nobody needs any more is forgotten.
   * @throws SafaceError 'unavailable' when a crop cannot be had now; one that is no usable picture is reported and left out
   */
  async gallery(people: readonly EdgeIdentity[], { base, version }: EmbedWith): Promise<Gallery> {
    const own = (person: EdgeIdentity) => cropsFor(person, base.config.id);
    const crops = new Map(people.flatMap(own).map((crop) => [crop.sha256, crop]));
    const missing = [...crops.values()].filter((crop) => !version.embeddings.has(crop.sha256));
    for (let at = 0; at < missing.length; at += CHUNK)
      await this.#embed(missing.slice(at, at + CHUNK), { base, version });
    for (const sha256 of version.embeddings.keys()) if (!crops.has(sha256)) version.embeddings.delete(sha256);
    const { dimension, metric } = base.config.recogniser;
    const gallery = new Gallery({ dimension, metric });
    for (const person of people) {
      for (const { sha256 } of own(person)) {
        const embedding = version.embeddings.get(sha256);
        if (embedding) gallery.add(person.id, embedding);
      }
    }
    return gallery;
  }

  async #embed(crops: readonly ArtifactRef[], { base, version }: EmbedWith): Promise<void> {
    const size = sampleSizeOf(base.extractor.featureShape);
    const features: { sha256: string; values: Float32Array }[] = [];
    for (const crop of crops) {
      const values = await this.#cropFeatures(base, crop);
      if (values) features.push({ sha256: crop.sha256, values });
    }
    if (features.length === 0) return;
    const batch = new Float32Array(features.length * size);
    features.forEach(({ values }, i) => {
      batch.set(values, i * size);
    });
    const embeddings = await version.learner.embed(batch);
    const { dimension } = version.learner;
    features.forEach(({ sha256 }, i) => {
      version.embeddings.set(sha256, embeddings.slice(i * dimension, (i + 1) * dimension));
    });
    // The network blocks this thread while it runs; frames that arrived meanwhile go first.
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Null for a crop that is no usable picture: one broken crop must not keep everybody else from being recognised. */
  async #cropFeatures(base: ServedBase, crop: ArtifactRef): Promise<Float32Array | null> {
    const { artifact, decodeCrop, problems, log } = this.#options;
    const known = this.#features.get(featureKey(base, crop.sha256));
    if (known) return known;
    try {
      const image = await decodeCrop(await artifact(crop), `enrolment crop ${crop.sha256.slice(0, 12)}`);
      const { size } = base.extractor.input;
      if (image.width !== size || image.height !== size)
        throw new SafaceError(
          'invalid-input',
          `Enrolment crop ${crop.sha256.slice(0, 12)} has ${image.width} x ${image.height} pixels instead of ${size} x ${size}`,
          'Upload the picture of this person again.',
        );
      const features = await base.extractor.extract([image]);
      this.#features.set(featureKey(base, crop.sha256), features);
      problems.clear(`crop:${crop.sha256}`);
      return features;
    } catch (error) {
      // Without the control plane the crop may come later; then the whole set has to wait for it.
      if (error instanceof SafaceError && error.code === 'unavailable') throw error;
      problems.set(`crop:${crop.sha256}`, describeError(error));
      log.error({ sha256: crop.sha256, error: describeError(error) }, 'an enrolment crop is left out');
      return null;
    }
  }
}

const featureKey = (base: ServedBase, sha256: string): string => `${base.config.recogniserArtifact.sha256}/${sha256}`;
