import { type AgentClient, Backoff, type Logger, sleep as realSleep, type Sleep } from '@saface/agent-kit';
import { type CameraConfig, type CameraReported, describeError, SafaceError } from '@saface/core';
import type { ConfigStore, StoredConfig } from './stored-config.ts';

/** What the loop steers; CameraAgent is one. */
export interface Configurable {
  /** Makes `config` run. Throws when it cannot; is then called again. */
  apply(config: CameraConfig, signal: AbortSignal): Promise<void>;
  /** Something that `apply` would mend has broken since. */
  readonly broken: boolean;
  readonly reported: Pick<CameraReported, 'state' | 'error'>;
}

export interface ControlLoopOptions {
  readonly client: Pick<AgentClient, 'call'>;
  readonly agent: Configurable;
  readonly store: Pick<ConfigStore, 'read' | 'write'>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** The control plane no longer knows this agent; what this throws ends the loop. */
  onRefused?(): Promise<void>;
  /** Milliseconds between pulls. Default 1000. */
  readonly interval?: number;
  readonly backoff?: Backoff;
  readonly applyBackoff?: Backoff;
  readonly sleep?: Sleep;
}

/** Longest wait between pulls while the control plane does not answer or refuses. */
const longestWait = 15_000;

/**
 * Pulls the desired configuration and makes it run, until the signal aborts. The last good one is started from disk, so the
 * camera works without the control plane. Applying goes on beside pulling: a slow download does not make the agent look dead.
 */
export async function runControlLoop(options: ControlLoopOptions): Promise<void> {
  const { client, agent, store, logger, signal, interval = 1000, sleep = realSleep } = options;
  const backoff = options.backoff ?? new Backoff({ first: interval, longest: longestWait });
  const applyBackoff = options.applyBackoff ?? new Backoff({ first: 1000, longest: 30_000 });
  let desired: StoredConfig | null = null;
  let applied: string | null = null;
  let pullProblem: string | null = null;
  let pending = false;

  try {
    desired = await store.read();
  } catch (error) {
    logger.warn(describeError(error));
  }

  let applying: Promise<void> | null = null;
  let notBefore = 0;
  const applyIfNeeded = () => {
    if (applying || !desired || performance.now() < notBefore) return;
    if (desired.revision === applied && !agent.broken) return;
    const target = desired;
    applying = agent
      .apply(target.config, signal)
      .then(() => {
        if (applied !== target.revision) logger.info({ revision: target.revision }, 'configuration in force');
        applied = target.revision;
        // A part that breaks again at once is mended ever more slowly; only another configuration starts afresh.
        notBefore = performance.now() + (agent.broken ? applyBackoff.next() : 0);
      })
      .catch((error: unknown) => {
        if (signal.aborted) return;
        const wait = applyBackoff.next();
        notBefore = performance.now() + wait;
        logger.warn({ retryInMs: Math.round(wait) }, describeError(error));
      })
      .finally(() => {
        applying = null;
      });
  };

  while (!signal.aborted) {
    applyIfNeeded();
    let wait = interval;
    try {
      const answer = await client.call(
        'pullCameraConfig',
        {
          knownRevision: desired?.revision ?? null,
          reported: { revision: applied, clock: Date.now(), ...agent.reported },
        },
        signal,
      );
      if (pullProblem !== null) logger.info('the control plane answers again');
      pullProblem = null;
      backoff.reset();
      if ((answer.status === 'pending') !== pending) {
        pending = !pending;
        logger.info(pending ? 'waiting to be accepted in Fleet' : 'accepted');
      }
      if (answer.status === 'changed' && answer.revision !== null && answer.config) {
        desired = { revision: answer.revision, config: answer.config };
        notBefore = 0;
        applyBackoff.reset();
        await store.write(desired);
      }
      applyIfNeeded();
    } catch (error) {
      if (signal.aborted) break;
      const problem = describeError(error);
      if (problem !== pullProblem) {
        logger[error instanceof SafaceError && error.code === 'unavailable' ? 'warn' : 'error'](problem);
      }
      pullProblem = problem;
      if (error instanceof SafaceError && error.code === 'unauthenticated') await options.onRefused?.();
      wait = backoff.next();
    }
    await sleep(wait, signal);
  }
  await applying;
}
