import { createRandom, mixSeed, SafaceError, shuffle } from '@saface/core';

/** Aligned face crops with the people they show. */
export interface PretrainDataset {
  /** For messages and provenance. */
  readonly name: string;
  /** Changes whenever a picture, a label or their order does. */
  readonly fingerprint: string;
  /** Pixels of the square crops. */
  readonly size: number;
  readonly identities: readonly string[];
  /** For each crop, the position of its person in `identities`. */
  readonly labels: Int32Array;
  /** Interleaved 8-bit RGB of the crops at `indices`, size * size * 3 bytes each. */
  read(indices: readonly number[]): Promise<Uint8Array[]>;
}

/** Crops of one part of the people; `labels` count from 0 within the part. */
export interface DatasetPart {
  readonly identities: number;
  readonly indices: readonly number[];
  readonly labels: readonly number[];
}

export interface DatasetSplit {
  readonly training: DatasetPart;
  readonly heldOut: DatasetPart;
}

/**
 * Sets `share` of the people aside, at least two: what is learnt must hold for faces never seen. Only people with two
 * pictures or more are set aside, because a pair of one person needs them.
 * @throws SafaceError 'invalid-input' when fewer than two would be left on either side
 */
export function splitByIdentity(dataset: PretrainDataset, share: number, seed: number): DatasetSplit {
  const pictures = new Map<number, number[]>();
  dataset.labels.forEach((label, index) => {
    const own = pictures.get(label);
    if (own) own.push(index);
    else pictures.set(label, [index]);
  });
  const refuse = (what: string, remedy: string) => new SafaceError('invalid-input', `${dataset.name} ${what}`, remedy);
  const people = [...pictures.keys()].sort((a, b) => a - b);
  if (people.length < 2)
    throw refuse(
      `has pictures of ${people.length === 1 ? 'one person' : 'nobody'}`,
      'A recogniser learns to tell people apart: give pictures of at least four.',
    );
  if (people.length < 4)
    throw refuse(
      `has pictures of ${people.length} people only`,
      'Give at least four: two to learn from and two to check with.',
    );
  const fit = shuffle(
    people.filter((person) => pictures.get(person)!.length >= 2),
    createRandom(mixSeed(seed, 0x5917)),
  );
  const wanted = Math.min(Math.max(2, Math.round(share * people.length)), people.length - 2);
  if (fit.length < wanted)
    throw refuse(
      `has ${fit.length} people with two pictures or more`,
      `Add pictures: ${wanted} people are needed to check with.`,
    );
  const aside = new Set(fit.slice(0, wanted));
  const part = (chosen: readonly number[]): DatasetPart => ({
    identities: chosen.length,
    indices: chosen.flatMap((person) => pictures.get(person)!),
    labels: chosen.flatMap((person, label) => pictures.get(person)!.map(() => label)),
  });
  return {
    training: part(people.filter((person) => !aside.has(person))),
    heldOut: part(people.filter((person) => aside.has(person))),
  };
}
