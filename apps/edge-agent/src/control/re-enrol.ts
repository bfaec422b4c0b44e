import { rename } from 'node:fs/promises';
import { type EnrolmentOptions, enrolOnce } from '@saface/agent-kit';
import { describeError, SafaceError } from '@saface/core';

/**
 * For an edge whose credential is refused, for example because the control plane was set up anew: a token that works buys a new one, and
 * the process ends so that it starts over under its new name. Without such a token nothing changes and the edge goes on with what it has.
 */
export async function reenrol(options: EnrolmentOptions): Promise<void> {
  if (!options.token) return;
  const { credentialPath, logger } = options;
  const fresh = `${credentialPath}.new`;
  try {
    await enrolOnce({ ...options, credentialPath: fresh });
    await rename(fresh, credentialPath);
  } catch (error) {
    logger.debug({ error: describeError(error) }, 'the token buys no new credential');
    return;
  }
  const remedy = 'The process ends and is started again by its supervisor.';
  throw new SafaceError('conflict', 'This edge was enrolled anew under another identity', remedy);
}
