import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { SafaceError } from '@saface/core';
import { type Portrait, type PortraitSpec, portraitPeople, renderPortrait } from './portrait.ts';
import type { PortraitReply, PortraitRequest } from './portrait-worker.ts';
import type { RenderOptions } from './render-pool.ts';

const workerFile = fileURLToPath(new URL('./portrait-worker.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** The portraits of one person, in order. */
export interface PortraitsOf {
  /** Position in `portraitPeople`. */
  readonly person: number;
  readonly portraits: readonly Portrait[];
}

/** Everybody's portraits, person after person in order, rendered on all cores. Throws the signal's reason when it aborts. */
export async function* renderPortraits(
  spec: PortraitSpec,
  { workers = availableParallelism(), signal }: RenderOptions = {},
): AsyncGenerator<PortraitsOf, void, void> {
  signal?.throwIfAborted();
  if (workers === 0) {
    for (const [person, who] of portraitPeople(spec).entries()) {
      const portraits: Portrait[] = [];
      for (let number = 0; number < spec.pictures; number++) {
        signal?.throwIfAborted();
        portraits.push(await renderPortrait(who, number));
      }
      yield { person, portraits };
    }
    return;
  }
  const queues = Array.from({ length: Math.min(workers, spec.people) }, () => new Lane(spec));
  const stop = () => {
    for (const lane of queues) lane.fail(signal?.reason);
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    // Each lane renders every n-th person; one person ahead keeps it busy while its last one is taken.
    const asked = (person: number) => queues[person % queues.length]!.render(person);
    const pending: Promise<PortraitsOf>[] = [];
    let next = 0;
    for (let person = 0; person < spec.people; person++) {
      signal?.throwIfAborted();
      while (next < spec.people && next < person + 2 * queues.length) pending.push(asked(next++));
      yield await (pending.shift() as Promise<PortraitsOf>);
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    for (const lane of queues) lane.close();
  }
}

interface Job {
  resolve(portraits: PortraitsOf): void;
  reject(error: unknown): void;
}

/** One worker process and those who wait for it, by person: it renders two at a time and answers when either is done. */
class Lane {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Job>();
  #failure: { readonly reason: unknown } | null = null;

  constructor(spec: PortraitSpec) {
    this.#child = fork(workerFile, [], {
      execArgv: ['--import', tsx],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (reply: PortraitReply) => {
      if ('error' in reply) {
        const remedy = 'This is a fault of the simulator; please report it.';
        this.fail(new SafaceError('internal', `Rendering failed: ${reply.error}`, remedy));
        return;
      }
      this.#waiting.get(reply.person)?.resolve(reply);
      this.#waiting.delete(reply.person);
    });
    this.#child.on('exit', (code) =>
      this.fail(
        new SafaceError('internal', `A render worker ended with code ${code}`, 'Free some memory and try again.'),
      ),
    );
    this.#child.on('error', (error) => this.fail(error));
    this.#child.send({ spec } satisfies PortraitRequest);
  }

  render(person: number): Promise<PortraitsOf> {
    const job = new Promise<PortraitsOf>((resolve, reject) => this.#waiting.set(person, { resolve, reject }));
    job.catch(() => undefined); // people rendered ahead may fail before anybody waits for them
    if (this.#failure) this.fail(this.#failure.reason);
    else this.#child.send({ person } satisfies PortraitRequest);
    return job;
  }

  /** Rejects everybody waiting, now and later. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    for (const job of this.#waiting.values()) job.reject(this.#failure.reason);
    this.#waiting.clear();
  }

  close(): void {
    this.#child.removeAllListeners('exit');
    this.#child.kill();
  }
}
