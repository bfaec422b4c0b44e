import { describeError } from '@saface/core';
import type { Prisma, PrismaClient } from '@saface/db';
import type { Logger } from 'pino';
import type { PretrainingNote } from './pretraining-protocol.ts';

/** Milliseconds between two writes of a row that only makes progress. */
const INTERVAL = 1000;
/** Points of the loss curve at most; beyond that every so many steps one. */
const MOST_POINTS = 600;

type Note = Exclude<PretrainingNote, { kind: 'done' | 'failed' }>;
interface Point {
  readonly step: number;
  readonly loss: number;
  readonly heldOut: number | null;
}

/** Writes down how a pre-training goes, in order and not more often than somebody could look. */
export class PretrainingLog {
  readonly #prisma: PrismaClient;
  readonly #id: string;
  readonly #log: Logger;
  #writes: Promise<void> = Promise.resolve();
  #last = Number.NEGATIVE_INFINITY;
  /** Newest step told of: an epoch ends with it. */
  #step = 0;

  constructor(prisma: PrismaClient, id: string, log: Logger) {
    this.#prisma = prisma;
    this.#id = id;
    this.#log = log;
  }

  take(note: Note): void {
    if (note.kind === 'prepared') this.#update({ note: null, skipped: [...note.skipped] });
    else if (note.kind === 'progress') this.#progress(note.progress);
    else if (this.#due() || note.done === note.total)
      this.#update({ note: `Finding faces: ${note.done} of ${note.total} people` });
  }

  async flush(): Promise<void> {
    await this.#writes;
  }

  #progress(progress: Extract<Note, { kind: 'progress' }>['progress']): void {
    if (progress.kind === 'resumed') {
      this.#step = progress.step;
      this.#update({ note: `Goes on from step ${progress.step}` });
    }
    if (progress.kind === 'step') {
      const { step, steps, epoch, loss, picturesPerSecond } = progress;
      this.#step = step;
      if (step % Math.ceil(steps / MOST_POINTS) === 0 || step === steps) this.#point({ step, loss, heldOut: null });
      if (this.#due() || step === 1 || step === steps)
        this.#update({ step, steps, epoch, picturesPerSecond, note: null });
    }
    if (progress.kind === 'epoch') {
      const { epoch, loss, verification } = progress;
      this.#point({ step: this.#step, loss, heldOut: verification.accuracy });
      this.#update({ epoch });
    }
  }

  #due(): boolean {
    if (performance.now() - this.#last < INTERVAL) return false;
    this.#last = performance.now();
    return true;
  }

  #point({ step, loss, heldOut }: Point): void {
    const key = { pretrainingId: this.#id, step };
    // A run that goes on from a checkpoint repeats some steps.
    this.#enqueue(async () => {
      await this.#prisma.pretrainingPoint.upsert({
        where: { pretrainingId_step: key },
        create: { ...key, time: new Date(), loss, heldOut },
        update: heldOut === null ? { loss } : { loss, heldOut },
      });
    });
  }

  #update(data: Prisma.PretrainingUpdateManyMutationInput): void {
    this.#enqueue(async () => {
      await this.#prisma.pretraining.updateMany({ where: { id: this.#id, status: 'running' }, data });
    });
  }

  #enqueue(write: () => Promise<void>): void {
    this.#writes = this.#writes.then(write).catch((error: unknown) => {
      this.#log.warn({ pretrainingId: this.#id, error: describeError(error) }, 'progress was not written down');
    });
  }
}
