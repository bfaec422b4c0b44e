import type { EdgeConfig, EdgeIdentity, EdgeScenario } from '@saface/core';

/** Whom a scenario is to recognise. */
export const peopleOf = ({ identities }: EdgeConfig, { galleryIds }: EdgeScenario): EdgeIdentity[] =>
  identities.filter((person) => person.galleryIds.some((id) => galleryIds.includes(id)));

/** Hashes of all enrolled crops. */
export const cropsOf = ({ identities }: EdgeConfig): Set<string> =>
  new Set(identities.flatMap((person) => person.crops.map(({ sha256 }) => sha256)));
