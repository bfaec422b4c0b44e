import { randomUUID } from 'node:crypto';
import {
  type DecisionPolicy,
  decideTrack,
  type EdgeScenario,
  type LearningSet,
  type OutboxItem,
  type ShadowDecision,
  type ShadowVerdict,
  subset,
  type WatchVerdict,
} from '@saface/core';
import type { Serving, ServingSet } from '../recognition/serving.ts';
import type { Judge } from './judge.ts';
import { LiveEmbeddings } from './live-embeddings.ts';
import { baseKeyOf } from './prepare-run.ts';
import type { ScenarioTracks, TracksSnapshot } from './scenario-tracks.ts';
import type { HeldProbe } from './track-files.ts';

/** Probes of the newest tracks that are looked at: more would say the same more slowly. */
const MOST_PROBES = 3000;
const RESAMPLES = 200;

export interface LiveComparisonsOptions {
  readonly serving: Pick<Serving, 'current' | 'sides'>;
  readonly add: (item: OutboxItem) => Promise<void>;
  /** Not in this process: resampling takes seconds. */
  readonly judge: Judge;
  /** Shared with whoever else embeds kept probes. */
  readonly embeddings?: LiveEmbeddings;
  /** Milliseconds between two looks at one scenario. Default 30 s. */
  readonly period?: number;
  /** For tests. */
  readonly now?: () => number;
}

interface Comparison {
  readonly key: string;
  /** Tracks that were there before the two versions ran beside each other: the candidate may have learnt from them. */
  readonly before: ReadonlySet<string>;
  /** Tracks that came since. Those that are no longer kept count as well, or a comparison of long tracks would never come to its end. */
  readonly seen: Set<string>;
  /** What either version made of each track that came since, by track. */
  readonly decisions: Map<string, ShadowDecision>;
  /** Verdict that was told last. */
  told: string;
}

interface PlacedThreshold {
  readonly alarmsPerWeek: number;
  readonly threshold: number;
}

interface ScenarioState {
  lookedAt: number;
  shadow: Comparison | null;
  watch: Comparison | null;
  /** Thresholds told, by version. */
  /** By version, what was last reported for which budget. */
  readonly thresholds: Map<string, PlacedThreshold>;
}

interface Looked {
  readonly set: LearningSet;
  readonly probes: readonly HeldProbe[];
}

/**
 * Versions beside each other on live tracks: the candidate in the champion's shadow, the champion against its parent after
 * a promotion, and the threshold that the scenario's false-alarm budget asks for. It works on the features that inference
 * kept, so a look costs only the learners' share, a small batch at a time, and is judged in a process of its own. The control plane
 * decides what follows from a verdict.
 */
export class LiveComparisons {
  readonly #options: LiveComparisonsOptions;
  readonly #scenarios = new Map<string, ScenarioState>();
  readonly #embeddings: LiveEmbeddings;

  constructor(options: LiveComparisonsOptions) {
    this.#options = options;
    this.#embeddings = options.embeddings ?? new LiveEmbeddings();
  }

  /** Looks at a scenario when it is time to. */
  async look(scenario: EdgeScenario, tracks: ScenarioTracks, cameras: number): Promise<void> {
    const { serving, period = 30_000, now = () => performance.now() } = this.#options;
    const set = serving.current(scenario.id);
    if (!set || set.versionId !== scenario.champion.id || !tracks.isComplete) return;
    const state = this.#state(scenario.id);
    const { shadow, parent } = serving.sides(scenario.id);
    state.shadow = begin(state.shadow, shadow && `${set.versionId}/${shadow.versionId}`, tracks);
    state.watch = begin(state.watch, parent && `${parent.versionId}/${set.versionId}`, tracks);
    if (now() - state.lookedAt < period) return;
    state.lookedAt = now();
    const snapshot = tracks.snapshot();
    if (!snapshot || snapshot.base !== baseKeyOf(set.base)) return;
    if (shadow && state.shadow) await this.#shadow(scenario, { set, shadow, snapshot, comparison: state.shadow });
    if (parent && state.watch) await this.#watch(scenario, { set, parent, snapshot, comparison: state.watch });
    for (const version of [set, shadow])
      if (version) await this.#threshold(scenario, { version, snapshot, cameras, told: state.thresholds });
  }

  /** Forgets scenarios that left this edge. */
  retain(scenarioIds: ReadonlySet<string>): void {
    for (const id of this.#scenarios.keys()) if (!scenarioIds.has(id)) this.#scenarios.delete(id);
  }

  async #shadow(
    { id: scenarioId, decision, learning }: EdgeScenario,
    of: { set: ServingSet; shadow: ServingSet; snapshot: TracksSnapshot; comparison: Comparison },
  ): Promise<void> {
    const { set, shadow, snapshot, comparison } = of;
    const looked = newest(snapshot, comparison.before);
    const champion = await this.#embeddings.of(set.learner, looked.probes);
    const candidate = await this.#embeddings.of(shadow.learner, looked.probes);
    for (const made of decisionsOf(looked.set, { set, shadow, champion, candidate, decision }))
      comparison.decisions.set(made.trackKey, made);
    const verdict = await this.#options.judge({
      kind: 'shadow',
      input: {
        set: looked.set,
        champion,
        candidate,
        decisions: [...comparison.decisions.values()],
        score: scoreOf(set),
        policy: { minTracks: learning.shadowTracks, maxTracks: 4 * learning.shadowTracks },
      },
    });
    const { disagreements: _, ...agreement } = verdict.agreement;
    await this.#tell(comparison, verdict, {
      id: randomUUID(),
      kind: 'shadow-report',
      payload: {
        scenarioId,
        versionId: shadow.versionId,
        championVersionId: set.versionId,
        time: Date.now(),
        ...verdict,
        agreement,
      },
    });
  }

  async #watch(
    { id: scenarioId }: EdgeScenario,
    of: { set: ServingSet; parent: ServingSet; snapshot: TracksSnapshot; comparison: Comparison },
  ): Promise<void> {
    const { set, parent, snapshot, comparison } = of;
    for (const { key } of snapshot.set.tracks) if (!comparison.before.has(key)) comparison.seen.add(key);
    const looked = newest(snapshot, comparison.before);
    const verdict = await this.#options.judge({
      kind: 'watch',
      input: {
        set: looked.set,
        parent: await this.#embeddings.of(parent.learner, looked.probes),
        champion: await this.#embeddings.of(set.learner, looked.probes),
        seen: comparison.seen.size,
        score: scoreOf(set),
      },
    });
    await this.#tell(comparison, verdict, {
      id: randomUUID(),
      kind: 'watch-report',
      payload: {
        scenarioId,
        versionId: set.versionId,
        parentVersionId: parent.versionId,
        time: Date.now(),
        ...verdict,
      },
    });
  }

  async #threshold(
    { id: scenarioId, decision }: EdgeScenario,
    of: { version: ServingSet; snapshot: TracksSnapshot; cameras: number; told: Map<string, PlacedThreshold> },
  ): Promise<void> {
    const { version, snapshot, cameras, told } = of;
    const { falseAlarmsPerWeek: alarmsPerWeek } = decision;
    if (alarmsPerWeek === null) {
      // What is placed without a budget takes the place of this one.
      told.delete(version.versionId);
      return;
    }
    const looked = newest(snapshot, new Set());
    const embeddings = await this.#embeddings.of(version.learner, looked.probes);
    const found = await this.#options.judge({
      kind: 'threshold',
      input: {
        set: looked.set,
        arrivals: looked.probes.map(({ arrived }) => arrived),
        embeddings,
        dimension: version.learner.dimension,
        metric: version.base.config.recogniser.metric,
        gallerySize: version.gallery.identityIds.length,
        cameras,
        alarmsPerWeek,
      },
    });
    const last = told.get(version.versionId);
    // A threshold that trembles would change the configuration of the edge every few seconds.
    const isSame = last?.alarmsPerWeek === alarmsPerWeek;
    if (!found || (isSame && Math.abs(found.threshold - last.threshold) < 0.03 * last.threshold)) return;
    told.set(version.versionId, { alarmsPerWeek, threshold: found.threshold });
    const { threshold, certainty, alarmsAtMost, explanation } = found;
    await this.#options.add({
      id: randomUUID(),
      kind: 'threshold-report',
      payload: {
        scenarioId,
        versionId: version.versionId,
        time: Date.now(),
        alarmsPerWeek,
        threshold,
        certainty,
        alarmsAtMost,
        explanation,
      },
    });
  }

  async #tell(
    comparison: Comparison,
    { decision, reason }: ShadowVerdict | WatchVerdict,
    item: OutboxItem,
  ): Promise<void> {
    const says = `${decision}: ${reason}`;
    if (says === comparison.told) return;
    comparison.told = says;
    await this.#options.add(item);
  }

  #state(scenarioId: string): ScenarioState {
    const known = this.#scenarios.get(scenarioId);
    if (known) return known;
    const state = {
      lookedAt: Number.NEGATIVE_INFINITY,
      shadow: null,
      watch: null,
      thresholds: new Map<string, PlacedThreshold>(),
    };
    this.#scenarios.set(scenarioId, state);
    return state;
  }
}

/** The comparison under way, or a new one that begins with the next track; null when there is nothing to compare. */
function begin(running: Comparison | null, key: string | null, tracks: ScenarioTracks): Comparison | null {
  if (key === null) return null;
  if (running?.key === key) return running;
  return { key, before: tracks.keys(), seen: new Set(), decisions: new Map(), told: '' };
}

const scoreOf = ({ learner, base }: ServingSet) => ({
  dimension: learner.dimension,
  metric: base.config.recogniser.metric,
  resamples: RESAMPLES,
});

/** The newest tracks that were not there `before`, with the probe of each row. */
function newest({ set, probes }: TracksSnapshot, before: ReadonlySet<string>): Looked {
  const lastTime = (track: LearningSet['tracks'][number]) => set.probes[track.probes.at(-1)!]!.time;
  const order = set.tracks
    .map((track, index) => ({ index, track }))
    .filter(({ track }) => !before.has(track.key))
    .sort((a, b) => lastTime(b.track) - lastTime(a.track));
  const kept = new Set<number>();
  let budget = MOST_PROBES;
  for (const { index, track } of order) {
    budget -= track.probes.length;
    if (budget < 0) break;
    kept.add(index);
  }
  const part = subset(set, (_, index) => kept.has(index));
  return { set: part, probes: part.probes.map(({ row }) => probes[row]!) };
}

/** What either version makes of each track, decided as recognition decides; tracks that one leaves open are left out. */
function decisionsOf(
  live: LearningSet,
  of: {
    set: ServingSet;
    shadow: ServingSet;
    champion: Float32Array;
    candidate: Float32Array;
    decision: DecisionPolicy;
  },
): ShadowDecision[] {
  const { set, shadow, champion, candidate, decision } = of;
  const decide = (probes: readonly number[], { gallery, threshold, learner }: ServingSet, embeddings: Float32Array) => {
    const own = probes.map((p) => ({
      embedding: embeddings.subarray(p * learner.dimension, (p + 1) * learner.dimension),
      quality: live.probes[p]!.quality,
    }));
    const made = decideTrack(own, gallery, { ...decision, threshold });
    if (made.kind === 'undecided') return undefined;
    return made.kind === 'recognised' ? made.identityId : null;
  };
  return live.tracks.flatMap(({ key: trackKey, probes }) => {
    const a = decide(probes, set, champion);
    const b = decide(probes, shadow, candidate);
    return a === undefined || b === undefined ? [] : [{ trackKey, champion: a, candidate: b }];
  });
}
