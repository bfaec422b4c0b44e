import { randomUUID } from 'node:crypto';
import { type EdgeScenario, type OutboxItem, thresholdForStrangers } from '@saface/core';
import type { ServingSet } from '../recognition/serving.ts';
import type { TrackState } from '../recognition/track-book.ts';

/** Newest tracks of a version that are counted. */
const MOST_TRACKS = 400;
/** Until then the new gallery is ready, or what was enrolled changes nothing of it. */
const LONGEST_CHANGE_MS = 5 * 60_000;
/** Share by which a threshold must move to be told: each time the edge gets a new configuration. */
const STILL = 0.1;

/**
 * The threshold of the version that serves a scenario where nobody has set a budget of false alarms (decision 037). It is made of what
 * recognition has found out anyway: how far from each track the second person was. A version that is new, or new to the people who can be
 * named, begins with what it would have found out of the tracks that are kept.
 */
export class StrangerThreshold {
  readonly #add: (item: OutboxItem) => Promise<void>;
  /** By version, newest last. */
  readonly #runnerUps = new Map<string, number[]>();
  /** Versions that have been asked about the kept tracks. */
  readonly #begun = new Set<string>();
  readonly #told = new Map<string, number>();
  readonly #now: () => number;
  #people = '';
  /** What names the people of before until the new gallery is ready; held weakly, as one of them may have been erased. */
  #before: { readonly set: WeakRef<ServingSet>; readonly until: number } | null = null;

  constructor(add: (item: OutboxItem) => Promise<void>, now: () => number = () => performance.now()) {
    this.#add = add;
    this.#now = now;
  }

  /** Who can be named as soon as something else than `serving` serves: how far others were says nothing of them. */
  enrolled(identityIds: readonly string[], serving: ServingSet | null): void {
    const people = identityIds.toSorted().join();
    if (people === this.#people) return;
    this.#people = people;
    this.#runnerUps.clear();
    this.#begun.clear();
    this.#before = serving && { set: new WeakRef(serving), until: this.#now() + LONGEST_CHANGE_MS };
  }

  /** Asks versions that have not met anybody how far the second person would have been from each of the kept tracks. */
  async begin(sets: readonly ServingSet[], ask: (set: ServingSet) => Promise<readonly number[]>): Promise<void> {
    for (const set of sets) {
      const { versionId, gallery } = set;
      if (this.#begun.has(versionId) || gallery.identityIds.length < 2 || this.#isOfBefore(set)) continue;
      const people = this.#people;
      const found = await ask(set);
      // Others can be named meanwhile.
      if (people !== this.#people) return;
      this.#begun.add(versionId);
      this.#runnerUps.set(versionId, [...found, ...(this.#runnerUps.get(versionId) ?? [])].slice(-MOST_TRACKS));
    }
  }

  #isOfBefore(set: ServingSet | null): boolean {
    if (this.#before === null || set === null || this.#now() >= this.#before.until) return false;
    return set === this.#before.set.deref();
  }

  /** Tracks that are over. */
  see(tracks: readonly Pick<TrackState, 'verdict' | 'set'>[]): void {
    for (const { verdict, set } of tracks) {
      const runnerUp = verdict?.decision.runnerUp;
      if (!verdict || !runnerUp || this.#isOfBefore(set)) continue;
      const known = this.#runnerUps.get(verdict.versionId) ?? [];
      known.push(runnerUp.distance);
      if (known.length > MOST_TRACKS) known.shift();
      this.#runnerUps.set(verdict.versionId, known);
    }
  }

  /** Tells the control plane where it lies now, if that is new; of a shadow as well, which may be the champion in a moment. */
  async place(scenario: EdgeScenario): Promise<void> {
    const { champion, previous, shadow, decision } = scenario;
    for (const known of [this.#runnerUps, this.#told, this.#begun])
      for (const version of known.keys())
        if (![champion, previous, shadow].some((kept) => kept?.id === version)) known.delete(version);
    // A budget's threshold takes the place of this one, which then has to be told again.
    if (decision.falseAlarmsPerWeek !== null) return this.#told.clear();
    for (const version of [champion, shadow]) if (version) await this.#placeFor(version.id, scenario);
  }

  async #placeFor(versionId: string, { id: scenarioId }: EdgeScenario): Promise<void> {
    const found = thresholdForStrangers(this.#runnerUps.get(versionId) ?? []);
    const last = this.#told.get(versionId);
    if (!found || !(found.threshold > 0)) return;
    if (last !== undefined && Math.abs(found.threshold - last) < STILL * last) return;
    const { threshold, certainty, explanation } = found;
    const payload = {
      scenarioId,
      versionId,
      time: Date.now(),
      alarmsPerWeek: null,
      threshold,
      certainty,
      alarmsAtMost: null,
      explanation,
    };
    await this.#add({ id: randomUUID(), kind: 'threshold-report', payload });
    this.#told.set(versionId, threshold);
  }
}
