import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SafaceError } from '@saface/core';
import type { WorkerReply, WorkerRequest } from './render-worker.ts';
import { type SceneSpec, Stage, type StagedFrame } from './stage.ts';

export interface RenderOptions {
  /** Worker processes; 0 renders in this process. Default: one for each core. Never changes the pixels. */
  readonly workers?: number;
  readonly signal?: AbortSignal;
}

const workerFile = fileURLToPath(new URL('./render-worker.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** All frames of a scene in order, rendered ahead on all cores. Ends early, with the signal's reason thrown, when it aborts. */
export async function* renderScene(
  spec: SceneSpec,
  options: RenderOptions = {},
): AsyncGenerator<StagedFrame, void, void> {
  const { workers = availableParallelism(), signal } = options;
  const count = Math.max(1, Math.round(spec.seconds * spec.fps));
  signal?.throwIfAborted();
  if (workers === 0) {
    const stage = new Stage(spec);
    for (let frame = 0; frame < count; frame++) {
      signal?.throwIfAborted();
      yield await stage.render(frame);
    }
    return;
  }
  const pool = new RenderPool(spec, Math.min(workers, count));
  const stop = () => pool.fail(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    // Rendered frames wait until they are asked for; a few ahead keep all workers busy, no more fill the memory.
    const ahead = workers * 3;
    const pending: Promise<StagedFrame>[] = [];
    let next = 0;
    for (let frame = 0; frame < count; frame++) {
      while (next < count && next < frame + ahead) pending.push(pool.render(next++));
      yield await (pending.shift() as Promise<StagedFrame>);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    pool.close();
  }
}

interface Job {
  readonly frame: number;
  resolve(frame: StagedFrame): void;
  reject(error: unknown): void;
}

/** Worker processes that share one queue of frames. */
class RenderPool {
  readonly #idle: ChildProcess[] = [];
  readonly #all: ChildProcess[] = [];
  readonly #queue: Job[] = [];
  readonly #running = new Map<ChildProcess, Job>();
  #failure: { readonly reason: unknown } | null = null;

  constructor(spec: SceneSpec, workers: number) {
    for (let i = 0; i < workers; i++) {
      const child = fork(workerFile, [], {
        execArgv: ['--import', tsx],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      this.#all.push(child);
      this.#idle.push(child);
      child.on('message', (reply: WorkerReply) => this.#answered(child, reply));
      child.on('exit', (code) =>
        this.fail(
          new SafaceError('internal', `A render worker ended with code ${code}`, 'Free some memory and try again.'),
        ),
      );
      child.on('error', (error) => this.fail(error));
      child.send({ spec } satisfies WorkerRequest);
    }
  }

  render(frame: number): Promise<StagedFrame> {
    const job = new Promise<StagedFrame>((resolve, reject) => this.#queue.push({ frame, resolve, reject }));
    job.catch(() => undefined); // frames rendered ahead may fail before anybody waits for them
    if (this.#failure !== null) this.fail(this.#failure.reason);
    else this.#hand();
    return job;
  }

  /** Rejects everything waiting, now and later. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    for (const job of [...this.#queue.splice(0), ...this.#running.values()]) job.reject(this.#failure.reason);
    this.#running.clear();
  }

  close(): void {
    for (const child of this.#all) {
      child.removeAllListeners('exit');
      child.kill();
    }
  }

  #hand(): void {
    while (this.#queue.length > 0) {
      const child = this.#idle.pop();
      if (child === undefined) return;
      const job = this.#queue.shift() as Job;
      this.#running.set(child, job);
      child.send({ frame: job.frame } satisfies WorkerRequest);
    }
  }

  #answered(child: ChildProcess, reply: WorkerReply): void {
    if ('error' in reply) {
      this.fail(
        new SafaceError(
          'internal',
          `Rendering failed: ${reply.error}`,
          'This is a fault of the simulator; please report it.',
        ),
      );
      return;
    }
    const job = this.#running.get(child);
    this.#running.delete(child);
    this.#idle.push(child);
    job?.resolve(reply.result);
    this.#hand();
  }
}
