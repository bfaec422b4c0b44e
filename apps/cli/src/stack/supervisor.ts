import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SafaceError } from '@saface/core';
import { type Handle, isAlive, killGroup, type Service } from './service.ts';

const FIRST_RESTART_DELAY = 300;
const LONGEST_RESTART_DELAY = 10_000;
/** A service that lived this long has recovered; its next restart is quick again. */
const STABLE_AFTER = 20_000;

interface Running {
  readonly service: Service;
  handle: Handle | null;
  /** The launch under way, or the last one. */
  launching: Promise<void>;
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
  readonly #running: Running[] = [];
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  /** Whoever does not wait until all is stopped must not leave cameras watching. */
  readonly #killAll = () => {
    for (const { service, handle } of this.#running) {
      try {
        killGroup(handle?.pid);
      } catch (error) {
        this.#options.onEvent(`${service.name} could not be ended: ${describeError(error)}`);
      }
    }
  };

  constructor(options: SupervisorOptions) {
    this.#options = options;
    process.on('exit', this.#killAll);
    mkdirSync(options.logDir, { recursive: true });
    mkdirSync(options.runDir, { recursive: true });
  }

  /** Ends what a supervisor that was killed left running, before anybody asks which ports are free. */
  async endLeftovers(): Promise<void> {
    for (const file of readdirSync(this.#options.runDir))
      if (file.endsWith('.pid')) await this.#endLeftover(file.slice(0, -'.pid'.length));
  }

  /** Resolves when the service is ready; rejects with `unavailable` when it is not within its start timeout. */
  async start(service: Service): Promise<void> {
    const entry: Running = { service, handle: null, launching: Promise.resolve(), deaths: 0, startedAt: 0 };
    this.#running.push(entry);
    await this.#endLeftover(service.name);
    this.#refuseWhenStopping();
    await this.#launch(entry);
    const deadline = Date.now() + service.startTimeout;
    while (!(await isReady(service))) {
      this.#refuseWhenStopping();
      if (Date.now() > deadline) {
        throw new SafaceError(
          'unavailable',
          `${service.name} was not ready after ${service.startTimeout / 1000} s`,
          `Read ${this.#logFile(service.name)}; its last lines:\n${this.#tail(service.name)}`,
        );
      }
      await delay(150);
    }
  }

  /** Process id of a running service, or null. */
  pid(name: string): number | null {
    return this.#running.find((r) => r.service.name === name)?.handle?.pid ?? null;
  }

  /** Last started, first stopped; `but` names services that are to run on until the next call. */
  async stopAll({ but = [] }: { but?: readonly string[] } = {}): Promise<void> {
    this.#stopping.abort();
    for (const entry of [...this.#running].reverse()) {
      if (but.includes(entry.service.name)) continue;
      // What is being launched has no handle yet and would outlive the stack. Its failure is told to whoever launched it.
      await Promise.allSettled([entry.launching]);
      await entry.handle?.stop();
    }
    if (but.length === 0) process.off('exit', this.#killAll);
  }

  #refuseWhenStopping(): void {
    if (this.#stopping.signal.aborted)
      throw new SafaceError('unavailable', 'The stack is being stopped', 'Start it again.');
  }

  #launch(entry: Running): Promise<void> {
    entry.launching = this.#launched(entry);
    return entry.launching;
  }

  async #launched(entry: Running): Promise<void> {
    const { name } = entry.service;
    entry.startedAt = Date.now();
    const handle = await entry.service.launch(this.#logFile(name), this.#options.onEvent);
    entry.handle = handle;
    void handle.exited.then((reason) => {
      entry.handle = null;
      rmSync(this.#pidFile(name), { force: true });
      void this.#restart(entry, reason);
    });
    try {
      writeFileSync(this.#pidFile(name), String(handle.pid));
    } catch (error) {
      // A full disk: the service runs and is watched all the same.
      this.#options.onEvent(`${name}: a start after a crash will not find this process: ${describeError(error)}`);
    }
  }

  async #restart(entry: Running, reason: string): Promise<void> {
    for (let why = reason; !this.#stopping.signal.aborted; ) {
      entry.deaths = Date.now() - entry.startedAt > STABLE_AFTER ? 0 : entry.deaths + 1;
      const wait = Math.min(LONGEST_RESTART_DELAY, FIRST_RESTART_DELAY * 2 ** entry.deaths);
      this.#options.onEvent(`${entry.service.name} ended (${why}); starting it again in ${(wait / 1000).toFixed(1)} s`);
      await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      try {
        return await this.#launch(entry);
      } catch (error) {
        why = describeError(error);
      }
    }
  }

  async #endLeftover(name: string): Promise<void> {
    let pid: number;
    let commandLine: string;
    try {
      pid = Number(readFileSync(this.#pidFile(name), 'utf8'));
      commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return; // no note of a process, or it is gone
    }
    if (!/node|postgres|redis/.test(commandLine)) return; // the id belongs to something else by now
    this.#options.onEvent(`Ending ${name} (process ${pid}), left over from an earlier start`);
    killGroup(pid);
    while (isAlive(pid)) await delay(50);
  }

  #logFile(name: string): string {
    return join(this.#options.logDir, `${name}.log`);
  }

  #pidFile(name: string): string {
    return join(this.#options.runDir, `${name}.pid`);
  }

  #tail(name: string): string {
    return readFileSync(this.#logFile(name), 'utf8').split('\n').slice(-15).join('\n');
  }
}

async function isReady(service: Service): Promise<boolean> {
  try {
    return await service.ready();
  } catch {
    return false; // not yet: the caller asks again until its deadline
  }
}
