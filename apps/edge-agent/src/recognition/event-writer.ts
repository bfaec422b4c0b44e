import { createHash } from 'node:crypto';
import type { OutboxItem, RecognitionEvent, RgbImage } from '@saface/core';
import type { EventJournal } from './event-journal.ts';
import type { TrackState, Verdict } from './track-book.ts';

/** Who a track belongs to. */
export interface TrackOrigin {
  readonly cameraId: string;
  readonly scenarioId: string;
  readonly sessionId: string;
}

export interface EventWriterOptions {
  readonly add: (item: OutboxItem) => Promise<void>;
  readonly journal: EventJournal;
  readonly encodeJpeg: (crop: RgbImage) => Promise<Uint8Array>;
  /** Milliseconds after which a long track is reported again though nothing but its end moved. Default 10 s. */
  readonly refresh?: number;
  /** So much waits for the control plane already that only decisions and ends are worth telling. */
  readonly crowded?: () => boolean;
  readonly onDecision?: (event: RecognitionEvent) => void;
}

interface Sent {
  readonly event: RecognitionEvent;
  readonly at: number;
}

/** The same track always has the same event, also after a restart of the edge: ids are drawn from nothing but its origin. */
export function eventIdOf(origin: TrackOrigin, trackId: number): string {
  const { cameraId, sessionId } = origin;
  return createHash('sha256')
    .update(JSON.stringify([cameraId, sessionId, trackId]))
    .digest('hex')
    .slice(0, 32);
}

/**
 * One event per track: opened at the first decision, sent again when the decision changes, every few seconds while the track goes on, and
 * when it ends. The sequence follows the camera's frame numbers, so it goes on rising after a restart; the journal remembers open events,
 * so a restart ends what it can no longer see.
 */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #sent = new Map<string, Sent>();

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  /** Events that a killed predecessor left open. */
  async recover(): Promise<void> {
    for (const event of await this.#options.journal.load()) this.#sent.set(event.id, { event, at: Date.now() });
  }

  /** Sends the track's event if there is something new to say; resolves when the outbox has it. */
  async report(origin: TrackOrigin, track: TrackState, ended = false): Promise<void> {
    const { verdict } = track;
    const id = eventIdOf(origin, track.trackId);
    const sent = this.#sent.get(id);
    if (!verdict) {
      // Recovered, and over before this process could decide anything itself.
      if (ended && sent) await this.#close(sent.event, track);
      return;
    }
    const now = Date.now();
    const { refresh = 10_000, crowded } = this.#options;
    const due = now - (sent?.at ?? 0) >= refresh && !crowded?.();
    if (!ended && sent && !due && says(sent.event, verdict)) return;
    const event: RecognitionEvent = {
      id,
      sequence: nextSequence(track.lastFrame, ended, sent?.event.sequence),
      cameraId: origin.cameraId,
      scenarioId: origin.scenarioId,
      trackId: track.trackId,
      sessionId: origin.sessionId,
      ...decisionFields(verdict),
      threshold: verdict.threshold,
      versionId: verdict.versionId,
      firstSeen: Math.min(track.firstSeen, sent?.event.firstSeen ?? track.firstSeen),
      lastSeen: track.lastSeen,
      probes: Math.max(track.probes, sent?.event.probes ?? 0),
      quality: track.quality,
      box: track.box,
      cropJpeg: sent?.event.cropJpeg ?? null,
      ended,
    };
    if (!sent || sent.event.decision !== event.decision || sent.event.identityId !== event.identityId)
      this.#options.onDecision?.(event);
    // Noted before the picture is ready, so that the next frame does not say the same again.
    if (ended) this.#sent.delete(id);
    else this.#sent.set(id, { event, at: now });
    const jpeg = track.bestCrop ? await this.#options.encodeJpeg(track.bestCrop) : null;
    const full = jpeg ? { ...event, cropJpeg: Buffer.from(jpeg).toString('base64') } : event;
    if (!ended && this.#sent.get(id)?.event === event) this.#sent.set(id, { event: full, at: now });
    await this.#send(full);
  }

  /** Ends events that nothing has been heard of since before `time` (Unix epoch ms), other than those `isAlive` knows. */
  async closeStale(time: number, isAlive: (event: RecognitionEvent) => boolean): Promise<void> {
    for (const { event, at } of [...this.#sent.values()]) {
      if (at < time && !isAlive(event)) await this.#close(event, null);
    }
  }

  async #close(last: RecognitionEvent, track: TrackState | null): Promise<void> {
    this.#sent.delete(last.id);
    const lastFrame = track?.lastFrame ?? 0;
    await this.#send({
      ...last,
      sequence: nextSequence(lastFrame, true, last.sequence),
      lastSeen: Math.max(last.lastSeen, track?.lastSeen ?? 0),
      ended: true,
    });
  }

  async #send(event: RecognitionEvent): Promise<void> {
    await this.#options.add({ id: `${event.id}-${event.sequence}`, kind: 'event', payload: event });
    if (event.ended) await this.#options.journal.close(event.id);
    else await this.#options.journal.open(event);
  }
}

function nextSequence(frame: number, ended: boolean, last: number | undefined): number {
  return Math.max((last ?? -1) + 1, 2 * frame + (ended ? 1 : 0));
}

function says(event: RecognitionEvent, verdict: Verdict): boolean {
  const { decision, identityId } = decisionFields(verdict);
  return event.decision === decision && event.identityId === identityId && event.versionId === verdict.versionId;
}

/** For an unknown person the nearest identity stands in the runner-up's place: it was not accepted, but it answers "who was closest?". */
function decisionFields({ decision }: Verdict) {
  const secondDistance = decision.runnerUp?.distance ?? null;
  if (decision.kind === 'recognised')
    return {
      decision: decision.kind,
      identityId: decision.identityId,
      distance: decision.distance,
      runnerUpIdentityId: decision.runnerUp?.identityId ?? null,
      runnerUpDistance: secondDistance,
      secondDistance,
    };
  return {
    decision: decision.kind,
    identityId: null,
    distance: decision.best?.distance ?? null,
    runnerUpIdentityId: decision.best?.identityId ?? null,
    runnerUpDistance: decision.best?.distance ?? null,
    secondDistance,
  };
}
