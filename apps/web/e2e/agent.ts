import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { resolve } from 'node:path';

const saface = resolve(import.meta.dirname, '../../cli/bin/saface.mjs');

/** `saface edge` or `saface camera` as somebody starts it on a machine of its own. */
export class Agent {
  readonly #child: ChildProcess;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
  /** What it told the person at the terminal. */
  said = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>>) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, [saface, ...args], {
      env: { NODE_ENV: 'production', PATH, HOME, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.said += chunk.toString('utf8');
    });
    this.ended = new Promise((done) => this.#child.once('close', done));
  }

  /** Ctrl-C. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.ended;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Arguments of a command line as a shell would take them; quotes around whole words are all that is shown. */
export const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
