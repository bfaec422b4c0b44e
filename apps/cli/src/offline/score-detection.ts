import { type Box, iou } from '@saface/core';
import type { TrueFace, Truth } from './truth.ts';

/** Overlap from which a detection is the labelled face. */
export const MATCH_IOU = 0.5;

export interface SeenFace {
  readonly frame: number;
  readonly trackId: number;
  readonly box: Box;
}

export interface DetectionScore {
  /** Labelled faces of at least `minSize` pixels, and the share of them that was found. */
  readonly labelledFaces: number;
  readonly recall: number;
  readonly minSize: number;
}

/** Who each seen face is: the labelled face of its frame that overlaps it most, one-to-one; null where there is none. */
export function labelFaces(seen: readonly SeenFace[], truth: Truth): (string | null)[] {
  const labels: (string | null)[] = seen.map(() => null);
  for (const [frame, indices] of byFrame(seen)) {
    for (const { seenIndex, face } of match(indices, seen, truth.get(frame) ?? [])) labels[seenIndex] = face.person;
  }
  return labels;
}

/** Share of labelled faces of at least `minSize` pixels (shorter side) that were found, IoU >= 0.5. Labels need not be exhaustive. */
export function scoreDetection(seen: readonly SeenFace[], truth: Truth, minSize = 40): DetectionScore {
  const groups = byFrame(seen);
  let labelledFaces = 0;
  let found = 0;
  for (const [frame, faces] of truth) {
    const matched = new Set(match(groups.get(frame) ?? [], seen, faces).map(({ face }) => face));
    for (const face of faces) {
      if (Math.min(face.box.width, face.box.height) < minSize) continue;
      labelledFaces++;
      if (matched.has(face)) found++;
    }
  }
  return { labelledFaces, recall: labelledFaces > 0 ? found / labelledFaces : 0, minSize };
}

/** Share of labelled faces that belong to the main person of their track: 1 when no track mixes two people. */
export function trackPurity(seen: readonly SeenFace[], labels: readonly (string | null)[]): number {
  const tracks = new Map<number, Map<string, number>>();
  for (const [i, face] of seen.entries()) {
    const person = labels[i];
    if (person === null) continue;
    const counts = tracks.get(face.trackId) ?? new Map<string, number>();
    counts.set(person, (counts.get(person) ?? 0) + 1);
    tracks.set(face.trackId, counts);
  }
  let total = 0;
  let main = 0;
  for (const counts of tracks.values()) {
    const values = [...counts.values()];
    total += values.reduce((a, b) => a + b, 0);
    main += Math.max(...values);
  }
  return total > 0 ? main / total : 1;
}

function byFrame(seen: readonly SeenFace[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [i, face] of seen.entries()) {
    const group = groups.get(face.frame);
    if (group) group.push(i);
    else groups.set(face.frame, [i]);
  }
  return groups;
}

/** One-to-one, largest overlap first. */
function match(
  indices: readonly number[],
  seen: readonly SeenFace[],
  faces: readonly TrueFace[],
): { seenIndex: number; face: TrueFace }[] {
  const pairs = indices
    .flatMap((seenIndex) => faces.map((face) => ({ seenIndex, face, overlap: iou(seen[seenIndex].box, face.box) })))
    .filter(({ overlap }) => overlap >= MATCH_IOU)
    .sort((a, b) => b.overlap - a.overlap);
  const takenSeen = new Set<number>();
  const takenFaces = new Set<TrueFace>();
  return pairs.filter(({ seenIndex, face }) => {
    if (takenSeen.has(seenIndex) || takenFaces.has(face)) return false;
    takenSeen.add(seenIndex);
    takenFaces.add(face);
    return true;
  });
}
