import { join } from 'node:path';
import { type AgentClient, type Backoff, type Logger, sleep } from '@saface/agent-kit';
import {
  type AgentOutput,
  describeError,
  type EdgeConfig,
  type EdgeReported,
  edgeConfigSchema,
  type IssuedCommand,
  SafaceError,
} from '@saface/core';
import { z } from 'zod';
import type { Problems } from './problems.ts';
import type { Vault } from './vault.ts';

const storedSchema = z.object({ revision: z.string(), config: edgeConfigSchema });
type Stored = z.infer<typeof storedSchema>;
const CONTEXT = 'edge-config';

export interface ConfigLoopOptions {
  readonly client: Pick<AgentClient, 'call'>;
  readonly vault: Vault;
  readonly dir: string;
  readonly log: Logger;
  readonly problems: Problems;
  readonly backoff: Backoff;
  /** Milliseconds between two pulls; default 1000. */
  readonly period?: number;
  /** What this edge says of itself in the next pull. */
  readonly report: () => EdgeReported;
  readonly onConfig: (config: EdgeConfig, revision: string) => void;
  readonly onPreview: (cameraIds: readonly string[]) => void;
  /** Must not throw; a command is acknowledged when the promise resolves. The next one waits for it, the next pull does not. */
  readonly onCommand: (command: IssuedCommand) => Promise<void>;
  /** The control plane answers again after it did not. */
  readonly onBack: () => void;
  /** The control plane does not accept this agent's credential (any more). */
  readonly onUnauthenticated: () => Promise<void>;
}

/**
 * Pulls the desired configuration about once a second. Changes are handed on at once; the last good configuration is kept encrypted on disk,
 * so that the edge starts and recognises without the control plane.
 */
export class ConfigLoop {
  readonly #options: ConfigLoopOptions;
  readonly #path: string;
  readonly #stop = new AbortController();
  readonly #handled = new Set<string>();
  readonly #underWay = new Set<string>();
  #obeying: Promise<void> = Promise.resolve();
  #acknowledged: string[] = [];
  #revision: string | null = null;
  #running: Promise<void> | null = null;
  #saidPending = false;
  #wake: () => void = () => {};

  constructor(options: ConfigLoopOptions) {
    this.#options = options;
    this.#path = join(options.dir, 'config.sealed');
  }

  /** The configuration of the last run, or null. A damaged file is reported and left to be replaced by the next pull. */
  async loadLastGood(): Promise<Stored | null> {
    const { vault, log, problems } = this.#options;
    try {
      const bytes = await vault.readFile(this.#path, CONTEXT);
      if (!bytes) return null;
      const stored = storedSchema.parse(JSON.parse(bytes.toString('utf8')));
      this.#revision = stored.revision;
      return stored;
    } catch (error) {
      log.error(
        { error: describeError(error) },
        'the stored configuration is unreadable; waiting for the control plane',
      );
      problems.set('config-file', `The stored configuration is unreadable: ${describeError(error)}`);
      return null;
    }
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake();
    await this.#running;
  }

  /** Pulls now instead of at the end of the period: something worth reporting happened. */
  kick(): void {
    if (this.#options.backoff.attempts === 0) this.#wake();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const wait = await this.pullOnce();
      if (signal.aborted) return;
      const early = new AbortController();
      this.#wake = () => early.abort();
      await sleep(wait, early.signal);
    }
  }

  /** One pull; returns the milliseconds until the next. Public for tests. */
  async pullOnce(): Promise<number> {
    const { client, log, problems, backoff, report, period = 1000 } = this.#options;
    const acknowledged = this.#acknowledged.slice(0, 100);
    try {
      const input = { knownRevision: this.#revision, reported: report(), acknowledged };
      const answer = await client.call('pullEdgeConfig', input, this.#stop.signal);
      this.#acknowledged = this.#acknowledged.filter((id) => !acknowledged.includes(id));
      if (backoff.attempts > 0) {
        log.info('the control plane is back');
        this.#options.onBack();
      }
      backoff.reset();
      problems.clear('control-plane');
      await this.#take(answer);
      return answer.status === 'pending' ? Math.max(period, 2000) : period;
    } catch (error) {
      if (this.#stop.signal.aborted) return 0;
      const wait = backoff.next();
      if (backoff.attempts === 1 || backoff.attempts % 20 === 0)
        log.warn(
          { error: describeError(error), failures: backoff.attempts },
          'pull failed; going on with the last configuration',
        );
      problems.set('control-plane', describeError(error));
      if (error instanceof SafaceError && error.code === 'unauthenticated') {
        await this.#options.onUnauthenticated();
        return Math.max(wait, 5000);
      }
      return wait;
    }
  }

  async #take(answer: AgentOutput<'pullEdgeConfig'>): Promise<void> {
    const { log, problems, onConfig, onPreview } = this.#options;
    if (answer.status === 'pending') {
      if (!this.#saidPending) log.info('enrolled, waiting to be accepted in Fleet');
      this.#saidPending = true;
      return;
    }
    this.#saidPending = false;
    if (answer.status === 'changed' && answer.config && answer.revision) {
      const stored = { revision: answer.revision, config: answer.config };
      // The revision counts as known only now: a process killed earlier asks again.
      this.#revision = stored.revision;
      problems.clear('config-file');
      onConfig(stored.config, stored.revision);
      await this.#save(stored);
      log.info({ revision: stored.revision }, 'new configuration');
    }
    onPreview(answer.preview);
    for (const command of answer.commands) this.#obey(command);
  }

  async #save(stored: Stored): Promise<void> {
    const { vault, log, problems } = this.#options;
    try {
      await vault.writeFile(this.#path, Buffer.from(JSON.stringify(stored)), CONTEXT);
    } catch (error) {
      log.error({ error: describeError(error) }, 'the configuration could not be stored');
      problems.set('config-file', `The configuration could not be stored: ${describeError(error)}`);
    }
  }

  #obey(issued: IssuedCommand): void {
    const { id, command } = issued;
    if (this.#underWay.has(id)) return;
    if (this.#handled.has(id)) {
      this.#acknowledge(id);
      return;
    }
    this.#handled.add(id);
    // Oldest first; far more than can be on the way at once.
    if (this.#handled.size > 1000) this.#handled.delete(this.#handled.values().next().value!);
    this.#options.log.info({ command, id }, 'command');
    this.#underWay.add(id);
    this.#obeying = this.#obeying
      .then(() => this.#options.onCommand(issued))
      .then(() => {
        this.#underWay.delete(id);
        this.#acknowledge(id);
      });
  }

  #acknowledge(id: string): void {
    if (!this.#acknowledged.includes(id)) this.#acknowledged.push(id);
  }
}
