import { createHash } from 'node:crypto';
import type { EdgeConfig } from '@saface/core';

/** Hash of a configuration's content; the assemblers keep its order fixed. */
export const revisionOf = (config: object): string =>
  createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 32);

const ofPeople = new WeakMap<EdgeConfig['identities'], string>();

/** The same of an edge's; its people, who may be thousands and are kept between pulls, are hashed once. */
export function revisionOfEdge({ identities, ...rest }: EdgeConfig): string {
  const people = ofPeople.get(identities) ?? revisionOf(identities);
  ofPeople.set(identities, people);
  return revisionOf({ ...rest, people });
}
