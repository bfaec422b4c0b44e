import { cleanTracks, type LeftOutReason } from '@saface/core';
import { type Cell, openCell, openTrainer } from './cell.ts';
import type { ModelName } from './models.ts';
import type { SceneName } from './scenes.ts';

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
      { embedder: trainer, bank: cell.bank, metric: cell.model.spec.metric },
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
    return { model, scene, world, tracksBefore: cell.set.tracks.length, tracksAfter: set.tracks.length, actions };
  } finally {
    await trainer.dispose();
  }
}

export type CleaningReport = Awaited<ReturnType<typeof cleaning>>;

function peopleOf({ sighting }: Cell, trackKey: string): Record<string, number> {
  const counts: Record<string, number> = {};
  sighting.probes.forEach(({ trackId }, i) => {
    const person = sighting.labels[i];
    // Pieces of a cut track and joined tracks name the tracks they came from.
    if (person !== null && trackKey.split(/[+#]/)[0] === String(trackId)) counts[person] = (counts[person] ?? 0) + 1;
  });
  return counts;
}
