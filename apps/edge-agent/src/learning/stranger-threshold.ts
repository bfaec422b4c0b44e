import { randomUUID } from 'node:crypto';
import { type EdgeScenario, type OutboxItem, thresholdForStrangers } from '@saface/core';
import type { TrackState } from '../recognition/track-book.ts';

/** Newest tracks of a version that are counted. */
const MOST_TRACKS = 400;
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
  readonly #told = new Map<string, number>();
  #people = '';

  constructor(add: (item: OutboxItem) => Promise<void>) {
    this.#add = add;
  }

  /** Who can be named from now on: how far others were says nothing of them. */
  enrolled(identityIds: readonly string[]): void {
    const people = identityIds.toSorted().join();
    if (people !== this.#people) this.#runnerUps.clear();
    this.#people = people;
  }

  /** Whether nothing is known under this version yet. */
  needs(versionId: string): boolean {
    return !this.#runnerUps.has(versionId);
  }

  /** How far the second person would have been under this version, as it has met nobody yet. */
  begin(versionId: string, runnerUps: readonly number[]): void {
    this.#runnerUps.set(versionId, [...runnerUps.slice(-MOST_TRACKS), ...(this.#runnerUps.get(versionId) ?? [])]);
  }

  /** Tracks that are over. */
  see(tracks: readonly Pick<TrackState, 'verdict'>[]): void {
    for (const { verdict } of tracks) {
      const runnerUp = verdict?.decision.runnerUp;
      if (!verdict || !runnerUp) continue;
      const known = this.#runnerUps.get(verdict.versionId) ?? [];
      known.push(runnerUp.distance);
      if (known.length > MOST_TRACKS) known.shift();
      this.#runnerUps.set(verdict.versionId, known);
    }
  }

  /** Tells the control plane where it lies now, if that is new; of a shadow as well, which may be the champion in a moment. */
  async place(scenario: EdgeScenario): Promise<void> {
    const { champion, previous, shadow, decision } = scenario;
    for (const known of [this.#runnerUps, this.#told])
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
