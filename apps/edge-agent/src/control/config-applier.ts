import { type Backoff, type Logger, type Sleep, sleep } from '@saface/agent-kit';
import { describeError, type EdgeConfig } from '@saface/core';

export interface ConfigApplierOptions {
  /** Cheap settings, at once. Must not throw. */
  readonly announce: (config: EdgeConfig) => void;
  /** Deletes what the configuration no longer names, whether or not the rest of it can be put in force. Must not throw. */
  readonly tidy: (config: EdgeConfig) => Promise<void>;
  /** Models and galleries; true when everything is as the configuration says. */
  readonly reconcile: (config: EdgeConfig) => Promise<boolean>;
  /** Everything of this configuration is in force. */
  readonly onApplied: (config: EdgeConfig, revision: string) => void;
  readonly backoff: Backoff;
  readonly log: Logger;
  /** For tests. */
  readonly sleep?: Sleep;
}

/** Brings the edge to the newest configuration, one at a time; what could not be done is tried again until it can or a newer one comes. */
export class ConfigApplier {
  readonly #options: ConfigApplierOptions;
  #wanted: { config: EdgeConfig; revision: string } | null = null;
  #applied: string | null = null;
  #running: Promise<void> | null = null;
  #stop = new AbortController();
  #wake: () => void = () => {};

  constructor(options: ConfigApplierOptions) {
    this.#options = options;
  }

  /** The newest configuration, applied or not. */
  get config(): EdgeConfig | null {
    return this.#wanted?.config ?? null;
  }

  /** Revision that is completely in force. */
  get revision(): string | null {
    return this.#applied;
  }

  offer(config: EdgeConfig, revision: string): void {
    this.#wanted = { config, revision };
    this.#options.backoff.reset();
    this.#options.announce(config);
    this.#wake();
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const wanted = this.#wanted!;
      const inForce = wanted.revision === this.#applied;
      // From here on parts of it are in force: going back to the revision before has to be done, too.
      if (!inForce) this.#applied = null;
      const done = inForce || (await this.#apply(wanted.config));
      if (done && wanted.revision !== this.#applied) {
        this.#applied = wanted.revision;
        this.#options.onApplied(wanted.config, wanted.revision);
      }
      if (wanted !== this.#wanted) continue;
      const pause = new AbortController();
      this.#wake = () => pause.abort();
      await (this.#options.sleep ?? sleep)(done ? 3_600_000 : this.#options.backoff.next(), pause.signal);
      this.#wake = () => {};
    }
  }

  async #apply(config: EdgeConfig): Promise<boolean> {
    await this.#options.tidy(config);
    try {
      return await this.#options.reconcile(config);
    } catch (error) {
      this.#options.log.error({ error: describeError(error) }, 'the configuration could not be applied; trying again');
      return false;
    }
  }
}
