import { createHash } from 'node:crypto';

/** Hash of a configuration's content; the assemblers keep its order fixed. */
export const revisionOf = (config: object): string =>
  createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 32);
