import type { Metric } from '../recognition/gallery.ts';
import {
  type Cleaned,
  type JumpOptions,
  type MirrorOptions,
  type StaticOptions,
  splitAtJumps,
  withoutMirrors,
  withoutStaticTracks,
} from './hygiene.ts';
import type { LearningSet } from './learning-set.ts';
import type { LeftOut } from './left-out.ts';
import { findLinks, joinTracks, type MustLinkOptions } from './must-link.ts';
import { distanceScale, type Embedded } from './track-distances.ts';

/** What is done to tracks before anything is learnt from them; null = off, each on its own. */
export interface CleaningOptions {
  /** Leaves out faces that never move. */
  readonly staticTracks: StaticOptions | null;
  /** Leaves out the copy where one face is in a frame twice. */
  readonly mirrors: MirrorOptions | null;
  /** Cuts tracks where one face becomes another. */
  readonly jumps: JumpOptions | null;
  /** Joins tracks that are certainly one person, broken off by a short occlusion. */
  readonly mustLink: MustLinkOptions | null;
}

export interface CleanTracks extends Cleaned {
  /** Keys of the tracks that were joined, for each join. */
  readonly joined: readonly (readonly [string, string])[];
}

export interface EmbedderOfRows {
  /** Embeddings of rows of the bank under the current model, row after row. */
  embed(rows: readonly number[]): Promise<{ readonly values: Float32Array; readonly dimension: number }>;
  readonly metric: Metric;
}

/** Cleans tracks by what the current model sees in them; every probe is embedded once. */
export async function cleanTracks(
  set: LearningSet,
  of: EmbedderOfRows,
  options: CleaningOptions,
): Promise<CleanTracks> {
  const leftOut: LeftOut[] = [];
  let current = set;
  const take = (cleaned: Cleaned) => {
    current = cleaned.set;
    leftOut.push(...cleaned.leftOut);
  };
  // Mirrors first: a poster of somebody present is both, and only here it is told whose.
  const embeddedOf = options.mirrors || options.jumps || options.mustLink ? await embedRows(set, of) : null;
  if (options.mirrors && embeddedOf) {
    const embedded = embeddedOf(current);
    const scale = distanceScale(current, embedded);
    take(withoutMirrors(current, { embedded, scale }, { ...options.mirrors, static: options.staticTracks ?? {} }));
  }
  if (options.staticTracks) take(withoutStaticTracks(current, options.staticTracks));
  if (options.jumps && embeddedOf) {
    const embedded = embeddedOf(current);
    take(splitAtJumps(current, { embedded, scale: distanceScale(current, embedded) }, options.jumps));
  }
  if (!options.mustLink || !embeddedOf) return { set: current, leftOut, joined: [] };
  const embedded = embeddedOf(current);
  const links = findLinks(current, { embedded, scale: distanceScale(current, embedded) }, options.mustLink);
  const keyOf = (t: number) => current.tracks[t]!.key;
  return {
    set: joinTracks(current, links),
    leftOut,
    joined: links.map(({ earlier, later }) => [keyOf(earlier), keyOf(later)] as const),
  };
}

/** Embeds every probe once; the result gives those of any set made of the same probes, in its order. */
async function embedRows(set: LearningSet, { embed, metric }: EmbedderOfRows): Promise<(of: LearningSet) => Embedded> {
  const { values, dimension } = await embed(set.probes.map((p) => p.row));
  const at = new Map(set.probes.map(({ row }, i) => [row, i]));
  return (of) => {
    const part = new Float32Array(of.probes.length * dimension);
    of.probes.forEach(({ row }, i) => {
      const from = at.get(row)! * dimension;
      part.set(values.subarray(from, from + dimension), i * dimension);
    });
    return { values: part, dimension, metric };
  };
}
