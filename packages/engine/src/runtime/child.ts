import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export interface ChildEnd<A> {
  /** What the child answered; null when it ended without a word. */
  readonly answer: A | null;
  /** Exit code or signal, and the end of what it wrote to stderr. */
  readonly how: string;
}

const TAIL = 2000;

/**
 * Runs a TypeScript entry point in a process of its own and waits for its one answer. For work that may end the process
 * (drivers), or whose memory is to be measured. Never rejects for what the child does.
 */
export function runChild<A>(
  entry: URL,
  { message, timeout }: { message: object; timeout: number },
): Promise<ChildEnd<A>> {
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = fork(entry, {
    execArgv: ['--import', loader],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    timeout,
    killSignal: 'SIGKILL',
  });
  let answer: A | null = null;
  let noise = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    noise = (noise + bytes.toString('utf8')).slice(-TAIL);
  });
  child.on('message', (value) => {
    answer = value as A;
  });
  child.send(message);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ answer, how: error.message }));
    child.once('close', (code, signal) => {
      const end = signal ?? `exit code ${code}`;
      resolve({ answer, how: noise.trim() === '' ? end : `${end}: ${noise.trim()}` });
    });
  });
}

/** The child's side of `runChild`: takes one message, answers it, ends. */
export function answerParent<M, A>(work: (message: M) => Promise<A>): void {
  process.once('message', (message) => {
    void work(message as M).then((answer) => process.send?.(answer, () => process.exit(0)));
  });
}
