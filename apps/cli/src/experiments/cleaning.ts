import { cleanTracks, embedProbes, type LeftOutReason, TRACK_MIN_LENGTH, Tracker } from '@saface/core';
import { trackPurity } from '../offline/score-detection.ts';
import { type Cell, openCell, openTrainer } from './cell.ts';
import type { ModelName } from './models.ts';
import type { SceneName } from './scenes.ts';
import type { Sighting } from './sighting.ts';

/** What cleaning did to one track, and who the labels say was in it. */
export interface CleanedTrack {
  readonly action: LeftOutReason | 'joined';
  readonly tracks: readonly string[];
  readonly detail: string;
  /** People of each track with the number of labelled probes; the rules never see them. */
  readonly people: readonly Readonly<Record<string, number>>[];
}

/** Every cleaning rule on one scene, held against the labels: how often it is right decides whether it is on. */
export async function cleaning({ model, scene, world }: { model: ModelName; scene: SceneName; world: number }) {
  const cell = await openCell({ scene, world, model });
  const trainer = await openTrainer(cell.model);
  try {
    const { set, leftOut, joined } = await cleanTracks(
      cell.set,
      { embed: (rows) => embedProbes(trainer, cell.bank, rows), metric: cell.model.spec.metric },
      { staticTracks: {}, mirrors: {}, jumps: {}, mustLink: {} },
    );
    const actions: CleanedTrack[] = [
      ...leftOut.map(({ trackKey, reason, detail }) => ({
        action: reason,
        tracks: [trackKey],
        detail,
        people: [peopleOf(cell, trackKey)],
      })),
      ...joined.map((keys) => ({
        action: 'joined' as const,
        tracks: keys,
        detail: 'broken off by a short occlusion',
        people: keys.map((key) => peopleOf(cell, key)),
      })),
    ];
    const patience = [0, 200, 400, 800].map((ms) => retrack(cell.sighting, ms));
    return {
      model,
      scene,
      world,
      patience,
      tracksBefore: cell.set.tracks.length,
      tracksAfter: set.tracks.length,
      actions,
    };
  } finally {
    await trainer.dispose();
  }
}

export type CleaningReport = Awaited<ReturnType<typeof cleaning>>;

/** The same faces as a tracker of this patience (ms) links them: how much is long enough to learn from, and how much of it is one person. */
function retrack({ probes, labels }: Sighting, patience: number) {
  const tracker = new Tracker({ patience });
  const [first, last] = [probes[0], probes[probes.length - 1]];
  const perFrame = (last.time - first.time) / Math.max(1, last.frame - first.frame);
  const seen: Sighting['probes'][number][] = [];
  const lengths = new Map<number, number>();
  for (let index = first.frame; index <= last.frame; index++) {
    const found = probes.filter(({ frame }) => frame === index);
    const boxes = found.map(({ box }) => box);
    const { trackIds } = tracker.update({ index, time: index * perFrame }, boxes);
    for (const [i, trackId] of trackIds.entries()) {
      seen.push({ ...found[i], trackId });
      lengths.set(trackId, (lengths.get(trackId) ?? 0) + 1);
    }
  }
  const long = [...lengths.values()].filter((length) => length >= TRACK_MIN_LENGTH);
  const kept = long.reduce((sum, length) => sum + length, 0);
  return { patience, tracks: long.length, probes: kept, purity: trackPurity(seen, labels) };
}

function peopleOf({ sighting }: Cell, trackKey: string): Record<string, number> {
  const counts: Record<string, number> = {};
  sighting.probes.forEach(({ trackId }, i) => {
    const person = sighting.labels[i];
    // Pieces of a cut track and joined tracks name the tracks they came from.
    if (person !== null && trackKey.split(/[+#]/)[0] === String(trackId)) counts[person] = (counts[person] ?? 0) + 1;
  });
  return counts;
}
