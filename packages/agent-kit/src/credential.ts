import { readFile } from 'node:fs/promises';
import { SafaceError } from '@saface/core';
import { z } from 'zod';
import { writeFileSafely } from './sealed-file.ts';

const credentialSchema = z.object({ agentId: z.string().min(1), secret: z.string().min(1), controlUrl: z.string() });

/** What an agent shows at every call after enrolment. `controlUrl` is who issued it. */
export type AgentCredential = z.infer<typeof credentialSchema>;

/** Value of the `Authorization` header. */
export const bearer = (credential: AgentCredential): string => `Bearer ${credential.agentId}.${credential.secret}`;

/** Null when the agent was never enrolled. Throws `integrity` on a damaged file. */
export async function readCredential(path: string): Promise<AgentCredential | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return credentialSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SafaceError(
      'integrity',
      `The credential ${path} is damaged`,
      'Delete it, make a new one-time token in Fleet and start the agent with it.',
      { cause },
    );
  }
}

/** Mode 0600, old or new after a crash. */
export const writeCredential = (path: string, credential: AgentCredential): Promise<void> =>
  writeFileSafely(path, `${JSON.stringify(credential)}\n`);
