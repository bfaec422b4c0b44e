import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { describeError } from '@saface/core';
import { LogFile } from './log-file.ts';

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
  /** Its output is appended to the file `log`; `onEvent` hears what an operator should know beside that. */
  launch(log: string, onEvent: (text: string) => void): Promise<Handle>;
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
    launch: async (log, onEvent) => {
      const file = new LogFile(log);
      // Its own group: Ctrl-C reaches the supervisor alone, which then stops the services in order.
      const child = spawn(spec.command, [...spec.args], {
        cwd: spec.cwd,
        env: spec.env,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const warn = (text: string) => onEvent(`${spec.name}: ${text}`);
      for (const output of [child.stdout, child.stderr]) append(output, file, warn);
      child.once('close', () => file.close());
      const exited = new Promise<string>((resolve) => {
        child.once('error', (error) => resolve(error.message));
        child.once('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
      });
      return { pid: child.pid ?? 0, exited, stop: () => stopProcess(child, exited) };
    },
  };
}

/** A full disk costs lines of the log, never the service that writes them. */
function append(output: Readable, file: LogFile, warn: (text: string) => void): void {
  let losing = false;
  output.on('data', (chunk: Buffer) => {
    try {
      file.append(chunk);
      losing = false;
    } catch (error) {
      if (!losing) warn(`its log cannot be written, and what it says is lost until it can be: ${describeError(error)}`);
      losing = true;
    }
  });
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

/** Whether a process still does anything; one that has ended and whose end nobody has asked for yet (`Z`) does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // it is gone
  }
}
