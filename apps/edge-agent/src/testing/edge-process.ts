import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { allocatorEnvironment } from '@saface/agent-kit';

/** The edge agent as a process of its own, as a supervisor runs it; for tests. */
export class EdgeProcess {
  readonly #env: Record<string, string>;
  #child: ChildProcess | null = null;
  /** Its log, JSON lines. */
  log = '';

  constructor(env: Record<string, string>) {
    this.#env = env;
  }

  /** Where it finds its control plane; before it starts. */
  setControlUrl(url: string): void {
    this.#env.SAFACE_CONTROL_URL = url;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  start(): void {
    const main = fileURLToPath(new URL('../main.ts', import.meta.url));
    this.#child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), main], {
      env: { ...allocatorEnvironment, ...this.#env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.log += chunk.toString('utf8');
    });
  }

  /** Resolves with the exit code, or the signal that ended it. */
  exited(): Promise<number | string> {
    const child = this.#child!;
    if (child.exitCode !== null) return Promise.resolve(child.exitCode);
    return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')));
  }

  async kill(signal: NodeJS.Signals): Promise<number | string> {
    const gone = this.exited();
    this.#child!.kill(signal);
    return gone;
  }

  /** Process ids of its children: the trainer, while there is one. */
  children(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => parentOf(pid) === this.pid);
  }
}

function parentOf(pid: number): number | null {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return null; // it ended meanwhile
  }
}
