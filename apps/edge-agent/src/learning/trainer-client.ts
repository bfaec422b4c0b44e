import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { driverEnvironment } from '../env.ts';
import { type TrainerNote, type TrainerOrder, trainerNoteSchema } from './trainer-protocol.ts';

/** How a trainer process came to its end. `killed` by a signal or a crash without a word: the run can go on in a new process. */
export type TrainerEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'no-room'; readonly message: string }
  | { readonly kind: 'killed'; readonly how: string };

export interface TrainerHandle {
  readonly pid: number | undefined;
  send(order: TrainerOrder): void;
  /** Ends the process; a polite one gets two seconds. */
  stop(): void;
  readonly ended: Promise<TrainerEnd>;
}

export type StartTrainer = (
  order: Extract<TrainerOrder, { kind: 'train' | 'calibrate' }>,
  onNote: (note: TrainerNote) => void,
) => TrainerHandle;

const PATIENCE = 2000;

type LastNote = Extract<TrainerNote, { kind: 'done' | 'cancelled' | 'failed' | 'no-room' }>;

const isLast = (note: TrainerNote): note is LastNote => ['done', 'cancelled', 'failed', 'no-room'].includes(note.kind);

/** Starts the trainer in a process of its own. It gets no environment but what drivers need: neither tokens nor addresses. */
export const startTrainerProcess: StartTrainer = (order, onNote) => {
  const child = fork(fileURLToPath(new URL('./trainer-process.ts', import.meta.url)), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: driverEnvironment(),
  });
  let last: TrainerEnd | null = null;
  child.on('message', (message) => {
    const parsed = trainerNoteSchema.safeParse(message);
    if (!parsed.success) return;
    const note = parsed.data;
    if (isLast(note)) last = note;
    else onNote(note);
  });
  const ended = new Promise<TrainerEnd>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'killed', how: error.message }));
    child.once('exit', (code, signal) => resolve(last ?? { kind: 'killed', how: signal ?? `exit code ${code}` }));
  });
  const send = (message: TrainerOrder) => {
    // A process that has just died is found out by its exit, not by what it can no longer be told.
    if (child.connected) child.send(message, () => undefined);
  };
  send(order);
  return {
    pid: child.pid,
    send,
    stop: () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
      void ended.then(() => clearTimeout(timer));
    },
    ended,
  };
};
