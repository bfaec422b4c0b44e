import {
  type BaseModelConfig,
  describeError,
  type EdgeConfig,
  type EdgeScenario,
  type Gallery,
  type Learner,
  SafaceError,
  type ServedVersion,
} from '@saface/core';
import { type ModelLoader, sampleSizeOf } from './models.ts';
import { cropsOf, peopleOf } from './people.ts';
import { type EmbeddingVersion, type ServedBase, type TemplateOptions, Templates } from './templates.ts';

/** All that one decision needs, always replaced as a whole: learner, templates and threshold of one version never mix with another's. */
export interface ServingSet {
  readonly scenarioId: string;
  readonly versionId: string;
  readonly base: ServedBase;
  readonly learner: Learner;
  readonly gallery: Gallery;
  /** Distance up to which two faces are one person. */
  readonly threshold: number;
}

export interface ServingOptions extends TemplateOptions {
  readonly loader: ModelLoader;
  /** Runs an action while no batch is in flight. */
  readonly whileIdle: (action: () => Promise<void>) => Promise<void>;
  /** A set went live. */
  readonly onSwap?: (set: ServingSet) => void;
}

/** A version in memory; what it embedded once stays until it goes. */
interface WarmVersion extends EmbeddingVersion {
  readonly key: string;
}

/** Versions beside the champion: ready, but deciding nothing. */
export interface SideSets {
  readonly shadow: ServingSet | null;
  readonly parent: ServingSet | null;
}

interface Slot {
  current: ServingSet | null;
  sides: SideSets;
  warm: Map<string, WarmVersion>;
}

/**
 * What each scenario serves. `reconcile` brings it to the configuration: models are fetched, the gallery is embedded with the
 * version's own learner, and only then the set is swapped by one assignment. The champion's and the previous version's learners and
 * templates stay in memory, so a rollback is a swap and nothing else.
 */
export class Serving {
  readonly #options: ServingOptions;
  readonly #bases = new Map<string, ServedBase>();
  readonly #slots = new Map<string, Slot>();
  readonly #templates: Templates;
  /** Of the newest configuration, in force or not: who is enrolled in each scenario. */
  #enrolled = new Map<string, ReadonlySet<string>>();

  constructor(options: ServingOptions) {
    this.#options = options;
    this.#templates = new Templates(options);
  }

  current(scenarioId: string): ServingSet | null {
    return this.#slots.get(scenarioId)?.current ?? null;
  }

  sides(scenarioId: string): SideSets {
    return this.#slots.get(scenarioId)?.sides ?? noSides;
  }

  /**
   * The one with the most work for a face, in the network and then in the gallery: N_E is measured by it, so that Eq. 2 does not count
   * on the lightest.
   */
  heaviest(): ServingSet | null {
    return this.list().reduce<ServingSet | null>((most, set) => (most && !isHeavier(set, most) ? most : set), null);
  }

  list(): ServingSet[] {
    return [...this.#slots.values()].flatMap((slot) => slot.current ?? []);
  }

  /** Features at the cut of an enrolled crop, if they are known. */
  cropFeatures(base: ServedBase, sha256: string): Float32Array | null {
    return this.#templates.features(base, sha256);
  }

  /**
   * Whoever is no longer enrolled is named by nobody from now on, whatever else is under way: a learner that cannot be had must not keep the
   * templates of an erased person in use.
   */
  withdraw(config: EdgeConfig): void {
    this.#enrolled = new Map(
      config.scenarios.map((scenario) => [scenario.id, new Set(peopleOf(config, scenario).map(({ id }) => id))]),
    );
    const crops = cropsOf(config);
    for (const [scenarioId, { current, sides, warm }] of this.#slots) {
      for (const { gallery } of [current, sides.shadow, sides.parent].filter((set) => set !== null))
        for (const id of [...gallery.identityIds]) if (!this.#isEnrolled(scenarioId, id)) gallery.remove(id);
      for (const { embeddings } of warm.values())
        for (const sha256 of embeddings.keys()) if (!crops.has(sha256)) embeddings.delete(sha256);
    }
  }

  /** True when every scenario serves what the configuration says. Problems are reported; the rest goes on with what it has. */
  async reconcile(config: EdgeConfig): Promise<boolean> {
    const { problems, log } = this.#options;
    this.withdraw(config);
    let complete = true;
    // Warm versions first: a rollback must not wait for another scenario's gallery.
    const warmFirst = [...config.scenarios].sort((a, b) => Number(this.#isWarm(b)) - Number(this.#isWarm(a)));
    for (const scenario of warmFirst) {
      try {
        await this.#serve(scenario, config);
        problems.clear(`serving:${scenario.id}`);
      } catch (error) {
        complete = false;
        const old = this.current(scenario.id);
        const state = old ? `it goes on with version ${old.versionId}` : 'it recognises nobody until then';
        const message = `Scenario "${scenario.name}" cannot serve version ${scenario.champion.label}, ${state}: ${describeError(error)}`;
        problems.set(`serving:${scenario.id}`, message);
        log.error({ scenarioId: scenario.id, error: describeError(error) }, message);
      }
    }
    await this.#release(config);
    return complete;
  }

  async dispose(): Promise<void> {
    for (const slot of this.#slots.values()) for (const { learner } of slot.warm.values()) await learner.dispose();
    for (const base of this.#bases.values()) await base.extractor.dispose();
    this.#slots.clear();
    this.#bases.clear();
  }

  #isEnrolled(scenarioId: string, identityId: string): boolean {
    return this.#enrolled.get(scenarioId)?.has(identityId) ?? false;
  }

  #isWarm(scenario: EdgeScenario): boolean {
    const warm = this.#slots.get(scenario.id)?.warm;
    return [...(warm?.keys() ?? [])].some((key) => key.startsWith(`${scenario.champion.id}/`));
  }

  async #serve(scenario: EdgeScenario, config: EdgeConfig): Promise<void> {
    const base = await this.#base(scenario, config);
    const slot = this.#slot(scenario.id);
    const champion = await this.#assemble(scenario, { base, version: scenario.champion, config });
    const isNew = slot.current?.learner !== champion.learner;
    slot.current = champion;
    if (isNew) {
      const { versionId, gallery } = champion;
      this.#options.log.info({ scenarioId: scenario.id, versionId, templates: gallery.templateCount }, 'serving');
      this.#options.onSwap?.(champion);
    }
    const beside = async (version: ServedVersion | null) =>
      version && version.id !== scenario.champion.id ? this.#assemble(scenario, { base, version, config }) : null;
    await beside(scenario.previous);
    slot.sides = { shadow: await beside(scenario.shadow), parent: await beside(scenario.parent) };
  }

  /** Loads what is missing of a version and embeds what is missing of its gallery. */
  async #assemble(
    scenario: EdgeScenario,
    wanted: { base: ServedBase; version: ServedVersion; config: EdgeConfig },
  ): Promise<ServingSet> {
    const { base, version, config } = wanted;
    const slot = this.#slot(scenario.id);
    const key = warmKey(version, base);
    let warm = slot.warm.get(key);
    if (!warm) {
      const { loader, artifact } = this.#options;
      const bytes = version.learner ? await artifact(version.learner) : base.learner;
      warm = { key, learner: await loader.loadLearner(bytes, base.config.recogniser), embeddings: new Map() };
      if (sampleSizeOf(warm.learner.featureShape) !== sampleSizeOf(base.extractor.featureShape)) {
        await warm.learner.dispose();
        throw new SafaceError(
          'unsupported',
          `Version ${version.label} takes features of ${warm.learner.featureShape.join('x')}, the extractor makes ${base.extractor.featureShape.join('x')}`,
          'It was trained with another cut of the base model; train a new version.',
        );
      }
      slot.warm.set(key, warm);
    }
    return {
      scenarioId: scenario.id,
      versionId: version.id,
      base,
      learner: warm.learner,
      gallery: await this.#gallery(scenario, { base, version: warm, config }),
      // A configuration kept from before has an operator's own apart.
      threshold: scenario.decision.threshold ?? version.threshold ?? base.config.recogniser.defaultThreshold,
    };
  }

  async #gallery(
    scenario: EdgeScenario,
    { config, ...of }: { base: ServedBase; version: WarmVersion; config: EdgeConfig },
  ): Promise<Gallery> {
    const people = peopleOf(config, scenario);
    const gallery = await this.#templates.gallery(people, of);
    // Embedding takes its time: somebody may have been erased meanwhile.
    for (const { id } of people) if (!this.#isEnrolled(scenario.id, id)) gallery.remove(id);
    return gallery;
  }

  async #base(scenario: EdgeScenario, config: EdgeConfig): Promise<ServedBase> {
    const wanted = config.baseModels.find((base) => base.id === scenario.baseModelId);
    if (!wanted)
      throw new SafaceError(
        'not-found',
        `Base model ${scenario.baseModelId} is not part of the configuration`,
        'Choose a base model for the scenario again.',
      );
    const key = baseKey(wanted);
    const loaded = this.#bases.get(key);
    if (loaded) return loaded;
    const { loader, artifact } = this.#options;
    const parts = await loader.loadBase(await artifact(wanted.recogniserArtifact), wanted.recogniser);
    const base = { ...parts, config: wanted };
    this.#bases.set(key, base);
    return base;
  }

  #slot(scenarioId: string): Slot {
    const known = this.#slots.get(scenarioId);
    if (known) return known;
    const slot: Slot = { current: null, sides: noSides, warm: new Map() };
    this.#slots.set(scenarioId, slot);
    return slot;
  }

  /** Closes what no scenario needs any more, when no batch can be using it. */
  async #release(config: EdgeConfig): Promise<void> {
    const idle: { dispose(): Promise<void> }[] = [];
    for (const [scenarioId, slot] of this.#slots) {
      const scenario = config.scenarios.find(({ id }) => id === scenarioId);
      if (!scenario) this.#slots.delete(scenarioId);
      const base = slot.current?.base;
      const versions = scenario && base ? versionsOf(scenario) : [];
      const wanted = new Set(versions.flatMap((version) => (base ? [warmKey(version, base)] : [])));
      for (const [key, warm] of slot.warm) {
        if (wanted.has(key) || (scenario && warm.learner === slot.current?.learner)) continue;
        slot.warm.delete(key);
        idle.push(warm.learner);
      }
    }
    const inUse = new Set([
      ...config.baseModels.filter(({ id }) => config.scenarios.some((s) => s.baseModelId === id)).map(baseKey),
      ...this.list().map((set) => baseKey(set.base.config)),
    ]);
    for (const [key, base] of this.#bases) {
      if (inUse.has(key)) continue;
      this.#bases.delete(key);
      idle.push(base.extractor);
    }
    const crops = cropsOf(config);
    this.#options.problems.retain('crop', crops);
    this.#options.problems.retain('serving', new Set(config.scenarios.map(({ id }) => id)));
    this.#templates.retain(crops);
    if (idle.length > 0)
      await this.#options.whileIdle(async () => {
        for (const model of idle) await model.dispose();
      });
  }
}

function isHeavier(a: ServingSet, b: ServingSet): boolean {
  return (
    a.base.flops > b.base.flops || (a.base.flops === b.base.flops && a.gallery.templateCount > b.gallery.templateCount)
  );
}

const noSides: SideSets = { shadow: null, parent: null };

/** All versions of a scenario that this edge keeps ready. */
export const versionsOf = ({ champion, previous, shadow, parent }: EdgeScenario): ServedVersion[] =>
  [champion, previous, shadow, parent].filter((version) => version !== null);

const baseKey = (base: BaseModelConfig): string =>
  `${base.id}:${base.recogniserArtifact.sha256}:${base.recogniser.defaultCut}`;

const warmKey = (version: ServedVersion, base: ServedBase): string =>
  `${version.id}/${version.learner?.sha256 ?? 'base'}/${baseKey(base.config)}`;
