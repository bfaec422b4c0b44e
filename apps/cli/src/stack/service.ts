import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

/** A running process of the stack. */
export interface Handle {
  readonly pid: number;
  /** Resolves with the reason once it is gone. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

/** Something the supervisor keeps alive. */
export interface Service {
  readonly name: string;
  launch(log: string): Promise<Handle>;
  /** Asked until it answers true; a rejection counts as not yet. */
  ready(): Promise<boolean>;
  /** How long the first start may take before it counts as failed, in ms. */
  readonly startTimeout: number;
}

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment: a service sees only what it is given. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly ready: () => Promise<boolean>;
  readonly startTimeout?: number;
}

const STOP_GRACE = 8_000;

/** A service that is one command, stopped with SIGTERM and, past its grace period, with SIGKILL for its whole group. */
export function processService(spec: ProcessSpec): Service {
  return {
    name: spec.name,
    ready: spec.ready,
    startTimeout: spec.startTimeout ?? 60_000,
    launch: async (log) => {
      const out = createWriteStream(log, { flags: 'a' });
      // Its own group: Ctrl-C reaches the supervisor alone, which then stops the services in order.
      const child = spawn(spec.command, [...spec.args], {
        cwd: spec.cwd,
        env: spec.env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout?.pipe(out, { end: false });
      child.stderr?.pipe(out, { end: false });
      const exited = new Promise<string>((resolve) => {
        child.once('error', (error) => resolve(error.message));
        child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
      }).finally(() => out.end());
      return { pid: child.pid ?? 0, exited, stop: () => stopProcess(child, exited) };
    },
  };
}

async function stopProcess(child: ChildProcess, exited: Promise<string>): Promise<void> {
  if (!child.pid) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child.pid), STOP_GRACE);
  await exited;
  clearTimeout(timer);
  // What the service itself started (a trainer, say) goes with it.
  killGroup(child.pid);
}

/** Ends a process and everything it started; nothing happens when it is gone already. */
export function killGroup(pid: number | undefined): void {
  if (!pid) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
