import { embeddingDistance } from '../recognition/gallery.ts';
import { type LearningSet, type LearningTrack, streamOf } from './learning-set.ts';
import { type DistanceScale, type Embedded, meanEmbedding, quantile, WINDOW } from './track-distances.ts';

export interface MustLinkOptions {
  /** Longest absence, ms. Default 1000: longer, and somebody else may stand there. */
  readonly maxGap?: number;
  /** Farthest a face may have moved meanwhile, in widths of its box. Default 1. */
  readonly maxShift?: number;
  /** Largest ratio of the two box widths. Default 1.4. */
  readonly maxScale?: number;
}

/** Two tracks of one person, the first broken off by a short occlusion; positions in `LearningSet.tracks`. */
export interface Link {
  readonly earlier: number;
  readonly later: number;
  readonly distance: number;
}

/**
 * Tracks that are certainly one person: one ends, the other begins near the same place shortly after with nearly the same
 * embedding, no third track could stand for either, and nothing forbids it. Near means: as near as half of the neighbouring
 * moments inside tracks, and nearer than all but a hundredth of the pairs of different people. Nobody is joined, over
 * however many links, with somebody he shared a frame with.
 */
export function findLinks(
  set: LearningSet,
  of: { readonly embedded: Embedded; readonly scale: DistanceScale },
  options: MustLinkOptions = {},
): Link[] {
  const near = quantile(of.scale.neighbours, 0.5);
  const apart = quantile(of.scale.between, 0.01);
  if (near === null || apart === null) return [];
  const limit = Math.min(near, apart);
  const candidates: Link[] = [];
  for (let earlier = 0; earlier < set.tracks.length; earlier++) {
    for (let later = 0; later < set.tracks.length; later++) {
      if (earlier === later || !continues(set, { earlier, later }, options)) continue;
      const tail = set.tracks[earlier]!.probes.slice(-WINDOW);
      const head = set.tracks[later]!.probes.slice(0, WINDOW);
      const distance = embeddingDistance(
        meanEmbedding(tail, of.embedded),
        meanEmbedding(head, of.embedded),
        of.embedded.metric,
      );
      if (distance <= limit) candidates.push({ earlier, later, distance });
    }
  }
  const alone = candidates.filter(
    (link) =>
      !candidates.some((other) => other !== link && (other.earlier === link.earlier || other.later === link.later)),
  );
  alone.sort((a, b) => a.distance - b.distance || a.earlier - b.earlier);
  return withoutConflicts(set, alone);
}

function continues(set: LearningSet, { earlier, later }: { earlier: number; later: number }, options: MustLinkOptions) {
  const { maxGap = 1000, maxShift = 1, maxScale = 1.4 } = options;
  const end = set.probes[set.tracks[earlier]!.probes.at(-1)!]!;
  const start = set.probes[set.tracks[later]!.probes[0]!]!;
  const gap = start.time - end.time;
  if (!(gap > 0 && gap <= maxGap)) return false;
  if (streamOf(set.tracks[earlier]!.key) !== streamOf(set.tracks[later]!.key)) return false;
  const width = Math.max(end.box.width, start.box.width);
  const shift = Math.hypot(
    start.box.x + start.box.width / 2 - end.box.x - end.box.width / 2,
    start.box.y + start.box.height / 2 - end.box.y - end.box.height / 2,
  );
  return shift <= maxShift * width && width <= maxScale * Math.min(end.box.width, start.box.width);
}

/** Takes links in order and drops those that would join two tracks that ever shared a frame, directly or over others. */
function withoutConflicts(set: LearningSet, links: readonly Link[]): Link[] {
  const group = set.tracks.map((_, t) => t);
  const membersOf = (g: number) => group.flatMap((of, t) => (of === g ? [t] : []));
  return links.filter(({ earlier, later }) => {
    const [a, b] = [group[earlier]!, group[later]!];
    if (a === b) return false;
    const others = new Set(membersOf(b));
    if (membersOf(a).some((t) => set.tracks[t]!.strangers.some((s) => others.has(s)))) return false;
    for (const t of others) group[t] = a;
    return true;
  });
}

/** Joins linked tracks into one; it is a stranger to everybody that one of its parts was. */
export function joinTracks(set: LearningSet, links: readonly Link[]): LearningSet {
  if (links.length === 0) return set;
  const next = new Map(links.map(({ earlier, later }) => [earlier, later]));
  const followers = new Set(links.map(({ later }) => later));
  const chains = set.tracks.flatMap((_, t) => {
    if (followers.has(t)) return [];
    const chain = [t];
    for (let at = next.get(t); at !== undefined; at = next.get(at)) chain.push(at);
    return [chain];
  });
  const chainOf = new Map(chains.flatMap((chain, c) => chain.map((t) => [t, c] as const)));
  const probes = set.probes.map((probe) => ({ ...probe, track: chainOf.get(probe.track)! }));
  const tracks = chains.map(
    (chain): LearningTrack => ({
      key: chain.map((t) => set.tracks[t]!.key).join('+'),
      probes: chain.flatMap((t) => set.tracks[t]!.probes),
      strangers: [...new Set(chain.flatMap((t) => set.tracks[t]!.strangers.map((s) => chainOf.get(s)!)))].sort(
        (a, b) => a - b,
      ),
    }),
  );
  return { probes, tracks };
}
