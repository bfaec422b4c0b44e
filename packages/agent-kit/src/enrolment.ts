import { rename, rm } from 'node:fs/promises';
import { availableParallelism, hostname, totalmem } from 'node:os';
import { describeError, SafaceError } from '@saface/core';
import type { Logger } from 'pino';
import { createAgentClient } from './agent-client.ts';
import { Backoff, sleep } from './backoff.ts';
import { type AgentCredential, readCredential, writeCredential } from './credential.ts';

export interface EnrolmentOptions {
  readonly controlUrl: string;
  readonly kind: 'edge' | 'camera';
  readonly name: string;
  readonly version: string;
  /** One-time token; only needed while there is no credential. */
  readonly token: string | undefined;
  /** Where the credential lives. */
  readonly credentialPath: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly backoff?: Backoff;
}

/**
 * The stored credential, or a new one for the one-time token. Waits, with back-off, while the control plane is away.
 * Throws `unauthenticated` when there is neither credential nor token, or the token is wrong, spent or expired; the
 * signal's reason when it aborts.
 */
export async function enrolOnce(options: EnrolmentOptions): Promise<AgentCredential> {
  const { controlUrl, token, credentialPath, logger, signal, backoff = new Backoff() } = options;
  const stored = await readCredential(credentialPath);
  if (stored) return stored;
  if (!token) {
    throw new SafaceError(
      'unauthenticated',
      `This ${options.kind} agent has neither a credential (${credentialPath}) nor a token`,
      'Make a one-time token in Fleet of the control plane and start the agent with it.',
    );
  }
  const client = createAgentClient({ controlUrl, credential: null });
  for (;;) {
    signal.throwIfAborted();
    try {
      const { agentId, secret } = await client.call(
        'enrol',
        {
          token,
          kind: options.kind,
          name: options.name,
          version: options.version,
          host: {
            hostname: hostname(),
            platform: `${process.platform}-${process.arch}`,
            cpus: availableParallelism(),
            memory: totalmem(),
          },
        },
        signal,
      );
      const credential = { agentId, secret, controlUrl };
      await writeCredential(credentialPath, credential);
      logger.info({ agentId }, 'enrolled');
      return credential;
    } catch (error) {
      if (!(error instanceof SafaceError) || error.code !== 'unavailable') throw error;
      const wait = backoff.next();
      logger.warn({ retryInMs: Math.round(wait) }, describeError(error));
      await sleep(wait, signal);
    }
  }
}

/**
 * For an agent whose credential is refused, for example because the control plane was set up anew: a token that still works buys
 * a new one. True when it did: the process should then start over, as it is another agent now. Without such a token nothing
 * changes and the agent goes on with what it has.
 */
export async function enrolAnew(options: EnrolmentOptions): Promise<boolean> {
  if (!options.token) return false;
  const { credentialPath, logger } = options;
  const fresh = `${credentialPath}.new`;
  try {
    await rm(fresh, { force: true });
    await enrolOnce({ ...options, credentialPath: fresh });
    await rename(fresh, credentialPath);
    return true;
  } catch (error) {
    logger.debug({ error: describeError(error) }, 'the token buys no new credential');
    return false;
  }
}
