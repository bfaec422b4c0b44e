import { decideTrack, embedProbes, FeatureStore, Gallery, type Learner, type RecogniserSpec } from '@saface/core';
import type { GalleryFolder } from './gallery-folder.ts';
import type { Observation } from './observe.ts';

/** A track and who it is. */
export interface IdentifiedTrack {
  readonly trackId: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly probes: number;
  readonly decision: 'recognised' | 'unknown';
  readonly person: string | null;
  /** Distance of the nearest enrolled person, and of the next one. */
  readonly distance: number | null;
  readonly runnerUp: string | null;
  readonly runnerUpDistance: number | null;
}

/** The whole track is known here, so its best probes decide however few they are. */
const OFFLINE_DECISION = { minProbes: 1, minQuality: 0, margin: 0.03 };

/** Decides for every track who it is, or that nobody can honestly be named. */
export async function identifyTracks(
  observation: Observation,
  gallery: GalleryFolder,
  { learner, spec, threshold }: { learner: Learner; spec: RecogniserSpec; threshold: number },
): Promise<IdentifiedTrack[]> {
  const templates = await buildGallery(gallery, learner, spec);
  const { values, dimension } = await embedProbes(
    learner,
    observation.features,
    observation.probes.map((_, row) => row),
  );
  const tracks = new Map<number, number[]>();
  for (const [row, { trackId }] of observation.probes.entries()) {
    const rows = tracks.get(trackId);
    if (rows) rows.push(row);
    else tracks.set(trackId, [row]);
  }
  return [...tracks].map(([trackId, rows]) => {
    const probes = rows.map((row) => ({
      embedding: values.slice(row * dimension, (row + 1) * dimension),
      quality: observation.probes[row].quality,
    }));
    const decision = decideTrack(probes, templates, { ...OFFLINE_DECISION, threshold });
    if (decision.kind === 'undecided') throw new Error(`Track ${trackId} has no probe`);
    const best = decision.kind === 'recognised' ? decision : decision.best;
    return {
      trackId,
      firstFrame: observation.probes[rows[0]].frame,
      lastFrame: observation.probes[rows[rows.length - 1]].frame,
      probes: rows.length,
      decision: decision.kind,
      person: decision.kind === 'recognised' ? decision.identityId : null,
      distance: best?.distance ?? null,
      runnerUp: decision.runnerUp?.identityId ?? null,
      runnerUpDistance: decision.runnerUp?.distance ?? null,
    };
  });
}

async function buildGallery({ pictures }: GalleryFolder, learner: Learner, spec: RecogniserSpec): Promise<Gallery> {
  const store = new FeatureStore(learner.featureShape.reduce((a, b) => a * b, 1));
  for (const { features } of pictures) store.add(features);
  const { values, dimension } = await embedProbes(
    learner,
    store,
    pictures.map((_, row) => row),
  );
  const gallery = new Gallery({ dimension, metric: spec.metric });
  for (const [row, { person }] of pictures.entries())
    gallery.add(person, values.slice(row * dimension, (row + 1) * dimension));
  return gallery;
}
