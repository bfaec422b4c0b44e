import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { describeError, SafaceError } from '@saface/core';

export function sha256OfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Reads the file piece by piece. @throws SafaceError 'not-found' when it cannot be read */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw new SafaceError(
      'not-found',
      `The model file ${path} cannot be read (${describeError(cause)})`,
      'Check the path and its permissions.',
      { cause },
    );
  }
  return hash.digest('hex');
}
