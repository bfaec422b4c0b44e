/**
 * One seed from several numbers. All randomness of a pre-training is drawn from (its seed, step or epoch, position), so
 * that there is no random state to be saved: a resumed run draws what the uninterrupted one would have drawn.
 */
export function mixSeed(...parts: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const part of parts) {
    hash = Math.imul(hash ^ (part | 0), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    hash ^= hash >>> 13;
  }
  return hash >>> 0;
}
