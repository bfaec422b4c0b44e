import { createHash, randomBytes } from 'node:crypto';
import { seal } from '@saface/agent-kit/sealed-file';

/** A new key with which a camera's agent may bring probes to its edge: sealed for the agent, hashed for the edge. */
export function newIngestKey(key: Buffer) {
  const ingestKey = randomBytes(32).toString('hex');
  return {
    ingestKeySealed: new Uint8Array(seal(Buffer.from(ingestKey), key)),
    ingestKeySha256: createHash('sha256').update(ingestKey).digest('hex'),
  };
}
