import { randomUUID } from 'node:crypto';
import { Backoff, sleep as realSleep, type Sleep } from '@saface/agent-kit';
import { describeError, type Frame, MAX_FRAME_INDEX, SafaceError, type SourceStateMessage } from '@saface/core';
import type { SourcePlan } from './source-plan.ts';

export type SourceState = SourceStateMessage['state'];

/** A frame as the pipeline takes it: `time` is Unix epoch milliseconds and rises within a session. */
export interface CapturedFrame extends Frame {
  /** One uninterrupted run through the source; track ids of two sessions never mix. */
  readonly sessionId: string;
}

export interface SuperviseOptions {
  readonly signal: AbortSignal;
  /** Files: hand frames out after the media clock (true) or as fast as they are taken (false). */
  readonly paced: boolean;
  readonly sampler: { wants(time: number): boolean; reset(): void };
  onState(state: SourceState, error: string | null): void;
  /** What a source does before its first frame, in words. */
  onNotice?(notice: string): void;
  readonly backoff?: Backoff;
  readonly sleep?: Sleep;
  /** Unix epoch milliseconds. */
  readonly now?: () => number;
  /** How long a live source may decode no picture, milliseconds. */
  readonly silence?: { readonly first: number; readonly next: number };
}

/** A device may hang, and a stream go on without pictures (sound, or what cannot be decoded); the first picture takes longest. */
const longestSilence = { first: 60_000, next: 20_000 };
/** A clock that steps back further begins a new session; less is smoothed over. */
const smoothedStep = 1000;

/** A pass that played this long was a working one: the next failure starts with a short wait again. */
const workingPass = 5000;
/** A paced file that lags this far behind goes on from here rather than hurry. */
const longestLag = 1000;
/** A longer hole in a paced file, as in recordings of motion only, is not waited out: it goes on at once, as another session. */
const longestGap = 10_000;
/** Wait before a source is tried again that never worked and says that its settings are wrong, or its file is. */
const wrongSettingsWait = 30_000;

/**
 * Keeps a source going: files loop when they should, live sources are opened again with exponential back-off and jitter. Never
 * throws for a bad source: it reports `failed` with reason and remedy, and keeps trying: a file may be copied to its place later. Only
 * a file that is to be played once and broke off in the middle is over with that.
 */
export async function* superviseSource(
  plan: SourcePlan,
  options: SuperviseOptions,
): AsyncGenerator<CapturedFrame, void, void> {
  const { signal, sampler, onState, backoff = new Backoff(), sleep = realSleep, now = Date.now } = options;
  const paced = options.paced && !plan.live;
  let everPlayed = false;
  let lastTime = 0;
  while (!signal.aborted) {
    let session = { id: randomUUID(), firstIndex: 0 };
    sampler.reset();
    let startedAt: number | null = null;
    let base = 0;
    let failure: unknown;
    try {
      const opened = heard(plan, options);
      for await (const frame of opened) {
        if (signal.aborted) return;
        if (startedAt === null) {
          startedAt = now();
          base = startedAt - frame.time;
          everPlayed = true;
          onState('playing', null);
        }
        let time = now();
        if (plan.live) time = frame.time;
        else if (paced) {
          const lead = base + frame.time - time;
          if (lead > longestGap) session = { id: randomUUID(), firstIndex: frame.index };
          if (lead > longestGap || lead < -longestLag) base = time - frame.time;
          const due = base + frame.time;
          if (due > time) await sleep(due - time, signal);
          if (signal.aborted) return;
          time = due;
        }
        const stepsBack = time < lastTime - smoothedStep;
        if (plan.live && (stepsBack || frame.index - session.firstIndex >= MAX_FRAME_INDEX))
          session = { id: randomUUID(), firstIndex: frame.index };
        lastTime = plan.live && stepsBack ? time : Math.max(time, lastTime + 1);
        yield { ...frame, index: frame.index - session.firstIndex, time: lastTime, sessionId: session.id };
      }
      if (signal.aborted) return;
      if (!plan.live) {
        if (plan.loop && startedAt !== null) continue;
        onState('ended', null);
        return;
      }
      failure = new SafaceError(
        'unavailable',
        `"${plan.name}" ended its stream`,
        'Check that the camera is on; it is opened again.',
      );
    } catch (error) {
      if (signal.aborted) return;
      failure = error;
    }
    if (!plan.live && !plan.loop && startedAt !== null) {
      onState('failed', describeError(failure));
      return;
    }
    if (startedAt !== null && now() - startedAt >= workingPass) backoff.reset();
    const unreachable = failure instanceof SafaceError && failure.code === 'unavailable';
    const temporary = plan.live ? everPlayed || unreachable : startedAt !== null;
    onState(temporary ? 'reconnecting' : 'failed', describeError(failure));
    const wait = backoff.next();
    await sleep(temporary ? wait : Math.max(wait, wrongSettingsWait), signal);
  }
}

/** The plan's frames; of a live source that falls silent an error, whatever its reader still waits for. */
async function* heard(plan: SourcePlan, options: SuperviseOptions): AsyncGenerator<Frame, void, void> {
  const { signal, sampler, onNotice, silence = longestSilence } = options;
  const given = new AbortController();
  let decoded = false;
  let alive = () => {};
  const opened = plan.open({
    signal: AbortSignal.any([signal, given.signal]),
    wants: (time) => {
      decoded = true;
      alive();
      return sampler.wants(time);
    },
    onNotice: (notice) => onNotice?.(notice),
  });
  if (!plan.live) return yield* opened;
  const frames = opened[Symbol.asyncIterator]();
  try {
    while (true) {
      let timer: NodeJS.Timeout | undefined;
      const silent = new Promise<never>((_, reject) => {
        alive = () => {
          clearTimeout(timer);
          const limit = decoded ? silence.next : silence.first;
          timer = setTimeout(() => reject(silentSource(plan, limit)), limit);
        };
        alive();
      });
      let frame: Frame;
      const next = frames.next();
      // One that hangs may still fail long after nobody waits for it.
      next.catch(() => undefined);
      try {
        const { done, value } = await Promise.race([next, silent]);
        if (done) return;
        frame = value;
      } finally {
        alive = () => {};
        clearTimeout(timer);
      }
      yield frame;
    }
  } finally {
    given.abort();
    // Not awaited: it may hang in the very read that this gave up.
    frames.return?.().catch(() => undefined);
  }
}

function silentSource({ name }: SourcePlan, limit: number): SafaceError {
  return new SafaceError(
    'unavailable',
    `"${name}" has sent no picture for ${limit / 1000} s`,
    'Check the camera and its cable or network; it is opened again.',
  );
}
