import { Worker } from 'node:worker_threads';
import { describeError, SafaceError } from '@saface/core';
import type { FoundProbes, ProbeFinder, ProbeFinderSettings } from './probe-finder.ts';
import type { WorkerAnswer, WorkerRequest } from './probe-worker-protocol.ts';

interface Waiting {
  resolve(found: FoundProbes | null): void;
  reject(error: unknown): void;
}

/**
 * Detection, alignment and tracking in a thread of its own. Resolves when the models are loaded.
 *
 * @throws SafaceError `integrity`, `unsupported`, `not-found` for models that cannot be loaded; `find` throws `internal` when the
 *   thread died
 */
export async function startProbeWorker(settings: ProbeFinderSettings): Promise<ProbeFinder> {
  const worker = new Worker(new URL('./probe-worker-entry.mjs', import.meta.url), {
    workerData: settings,
    execArgv: [],
  });
  const waiting: Waiting[] = [];
  let dead: SafaceError | null = null;
  const die = (reason: string) => {
    dead ??= new SafaceError('internal', `The detection thread ended (${reason})`, 'It is started again.');
    for (const { reject } of waiting.splice(0)) reject(dead);
  };
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('error', (error) => die(describeError(error)));
  worker.on('exit', (code) => die(`exit code ${code}`));
  worker.on('message', (message: WorkerAnswer) => {
    const next = waiting.shift();
    if (message.type === 'failed') next?.reject(new SafaceError(message.code, message.message, message.remedy));
    else next?.resolve(message.type === 'found' ? message.found : null);
  });
  const answered = () =>
    new Promise<FoundProbes | null>((resolve, reject) => {
      if (dead) reject(dead);
      else waiting.push({ resolve, reject });
    });
  const post = (request: WorkerRequest, transfer: ArrayBuffer[] = []) => worker.postMessage(request, transfer);

  await answered();
  return {
    async find(frame) {
      // A copy goes over: the preview still needs the pixels here, and the decoder's memory may not be transferable.
      const data = new Uint8Array(frame.data);
      const { width, height, index, time } = frame;
      const result = answered();
      post({ type: 'find', frame: { width, height, index, time, data } }, [data.buffer]);
      return (await result)!;
    },
    reset: () => post({ type: 'reset' }),
    async dispose() {
      post({ type: 'end' });
      await ended;
    },
  };
}
