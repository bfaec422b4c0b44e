import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SafaceError } from '@saface/core';
import type { Service } from './service.ts';

const FIRST_RESTART_DELAY = 300;
const LONGEST_RESTART_DELAY = 10_000;
/** A service that lived this long has recovered; its next restart is quick again. */
const STABLE_AFTER = 20_000;
const STOP_GRACE = 8_000;

interface Running {
  readonly service: Service;
  child: ChildProcess | null;
  /** Consecutive early deaths, for the back-off. */
  deaths: number;
  startedAt: number;
}

export interface SupervisorOptions {
  readonly logDir: string;
  /** Where process ids are noted, so that a later start can end what a killed supervisor left behind. */
  readonly runDir: string;
  readonly onEvent: (text: string) => void;
}

/** Starts services in order, restarts what dies, stops everything in reverse order. */
export class Supervisor {
  private readonly running: Running[] = [];
  private readonly options: SupervisorOptions;
  private stopping = false;

  constructor(options: SupervisorOptions) {
    this.options = options;
    mkdirSync(options.logDir, { recursive: true });
    mkdirSync(options.runDir, { recursive: true });
  }

  /** Resolves when the service is ready; rejects with `unavailable` when it is not within its start timeout. */
  async start(service: Service): Promise<void> {
    const entry: Running = { service, child: null, deaths: 0, startedAt: 0 };
    this.running.push(entry);
    await this.endLeftover(service.name);
    this.launch(entry);
    const deadline = Date.now() + service.startTimeout;
    while (!(await isReady(service))) {
      if (this.stopping) throw new SafaceError('unavailable', 'The stack is being stopped', 'Start it again.');
      if (Date.now() > deadline) {
        throw new SafaceError(
          'unavailable',
          `${service.name} was not ready after ${service.startTimeout / 1000} s`,
          `Read ${this.logFile(service.name)}; its last lines:\n${this.tail(service.name)}`,
        );
      }
      await delay(150);
    }
  }

  /** Process id of a running service, or null. */
  pid(name: string): number | null {
    return this.running.find((r) => r.service.name === name)?.child?.pid ?? null;
  }

  async stopAll(): Promise<void> {
    this.stopping = true;
    for (const entry of [...this.running].reverse()) await this.stop(entry);
    this.running.length = 0;
  }

  private launch(entry: Running): void {
    const { service } = entry;
    const log = createWriteStream(this.logFile(service.name), { flags: 'a' });
    const child = spawn(service.command, [...service.args], {
      cwd: service.cwd,
      env: service.env,
      uid: service.uid,
      gid: service.gid,
      // Its own group: Ctrl-C reaches the supervisor alone, which then stops the services in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    entry.child = child;
    entry.startedAt = Date.now();
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    if (child.pid) writeFileSync(this.pidFile(service.name), String(child.pid));
    child.on('error', (error) => this.options.onEvent(`${service.name} cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      log.end();
      entry.child = null;
      rmSync(this.pidFile(service.name), { force: true });
      if (!this.stopping) void this.restart(entry, signal ?? `exit ${code}`);
    });
  }

  private async restart(entry: Running, reason: string): Promise<void> {
    entry.deaths = Date.now() - entry.startedAt > STABLE_AFTER ? 0 : entry.deaths + 1;
    const wait = Math.min(LONGEST_RESTART_DELAY, FIRST_RESTART_DELAY * 2 ** entry.deaths);
    this.options.onEvent(`${entry.service.name} ended (${reason}); starting it again in ${(wait / 1000).toFixed(1)} s`);
    await delay(wait);
    if (!this.stopping) this.launch(entry);
  }

  private async stop(entry: Running): Promise<void> {
    const child = entry.child;
    if (!child?.pid || child.exitCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(entry.service.stopSignal ?? 'SIGTERM');
    const timer = setTimeout(() => killGroup(child.pid), STOP_GRACE);
    await exited;
    clearTimeout(timer);
    // What the service itself started (a trainer, say) goes with it.
    killGroup(child.pid);
  }

  private async endLeftover(name: string): Promise<void> {
    let pid: number;
    let commandLine: string;
    try {
      pid = Number(readFileSync(this.pidFile(name), 'utf8'));
      commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return; // no note of a process, or it is gone
    }
    if (!/node|postgres|redis/.test(commandLine)) return; // the id belongs to something else by now
    this.options.onEvent(`Ending ${name} (process ${pid}), left over from an earlier start`);
    killGroup(pid);
    while (isAlive(pid)) await delay(50);
  }

  private logFile(name: string): string {
    return join(this.options.logDir, `${name}.log`);
  }

  private pidFile(name: string): string {
    return join(this.options.runDir, `${name}.pid`);
  }

  private tail(name: string): string {
    return readFileSync(this.logFile(name), 'utf8').split('\n').slice(-15).join('\n');
  }
}

async function isReady(service: Service): Promise<boolean> {
  try {
    return await service.ready();
  } catch {
    return false; // not yet: the caller asks again until its deadline
  }
}

function killGroup(pid: number | undefined): void {
  if (!pid) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
