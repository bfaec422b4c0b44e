import { randomUUID } from 'node:crypto';
import type { LossPoint, OutboxItem } from '@saface/core';
import type { RunRecord } from './run-record.ts';

/** Milliseconds between two reports of a run that only makes progress. */
const INTERVAL = 1000;
/** A run that cannot report for long keeps its newest points. */
const MOST_POINTS = 5000;

/** Tells the control plane how a run goes: at once when its state changes, about once a second while it makes progress. */
export class RunReporter {
  readonly #add: (item: OutboxItem) => Promise<void>;
  #points: LossPoint[] = [];
  /** Newest step that was reported or waits to be. */
  newest = 0;
  #last = Number.NEGATIVE_INFINITY;

  constructor(add: (item: OutboxItem) => Promise<void>) {
    this.#add = add;
  }

  /** True when the point was reported, false when it waits for others. */
  async progress(record: RunRecord, point: LossPoint): Promise<boolean> {
    this.#points.push(point);
    this.newest = point.step;
    if (performance.now() - this.#last < INTERVAL) return false;
    await this.state(record);
    return true;
  }

  async state(record: RunRecord): Promise<void> {
    this.#last = performance.now();
    const points = this.#points.splice(0).slice(-MOST_POINTS);
    await this.#add({
      // Reports differ from each other, so each has an id of its own; the control plane keeps points by step.
      id: randomUUID(),
      kind: 'training-run',
      payload: {
        id: record.id,
        scenarioId: record.scenarioId,
        status: record.status,
        reason: record.reason,
        parentVersionId: record.parentVersionId,
        candidateVersionId: record.candidateVersionId,
        tracks: record.tracks,
        triplets: record.triplets,
        steps: record.steps,
        queuedAt: record.queuedAt,
        startedAt: record.startedAt,
        endedAt: record.endedAt,
        points,
        verdict: record.verdict,
        error: record.error,
      },
    });
  }
}
