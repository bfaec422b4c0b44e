import { buildLearningSet, Gallery, type Learner, type ProbeObservation, toHalf } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { scenarioConfig } from '../testing/fixtures.ts';
import { LiveEmbeddings } from './live-embeddings.ts';
import { runnerUpsOf } from './runner-ups.ts';
import type { HeldProbe } from './track-files.ts';

const box = { x: 0, y: 0, width: 10, height: 10 };
const { decision } = scenarioConfig();

/** Embeddings are the features themselves; counts how many it made. */
function plainLearner() {
  const made = { count: 0 };
  const learner: Learner = {
    featureShape: [2],
    dimension: 2,
    embed: async (features) => {
      made.count += features.length / 2;
      return features.slice();
    },
    dispose: async () => undefined,
  };
  return { learner, made };
}

/** Kept tracks, each of one face seen again and again. */
function kept(faces: readonly (readonly [number, number])[], frames = 20) {
  const observations: ProbeObservation[] = [];
  const probes: HeldProbe[] = [];
  for (const [trackId, face] of faces.entries())
    for (let f = 0; f < frames; f++) {
      const frame = trackId * 100 + f;
      const seen = { trackKey: `camera/s/${trackId}`, frame, time: frame, quality: 0.5 + f / 100, box };
      observations.push({ ...seen, frameKey: `camera/s/${frame}` });
      const picture = { width: 1, height: 1, data: new Uint8Array(3) };
      const features = toHalf(Float32Array.from(face));
      probes.push({ ...seen, stream: 'camera/s', trackId, arrived: frame, features, picture });
    }
  return { set: buildLearningSet(observations), probes };
}

function galleryOf(people: Record<string, readonly [number, number]>): Gallery {
  const gallery = new Gallery({ dimension: 2, metric: 'euclidean' });
  for (const [name, face] of Object.entries(people)) gallery.add(name, Float32Array.from(face));
  return gallery;
}

describe('runnerUpsOf', () => {
  const two = galleryOf({ ada: [0, 0], ben: [0, 3] });

  it('is the distance of the second person, from the best probes of each track alone', async () => {
    const { learner, made } = plainLearner();
    const embeddings = new LiveEmbeddings();
    const ask = () =>
      runnerUpsOf(
        { learner, gallery: two, threshold: 1 },
        kept([
          [0, 0],
          [0, 2],
          [4, 0],
        ]),
        { decision, embeddings },
      );
    expect(await ask()).toEqual([3, 2, 5]);
    expect(made.count).toBe(15);
  });

  it('asks about the newest hundred', async () => {
    const { learner } = plainLearner();
    const faces = Array.from({ length: 130 }, (_, i) => [0, i < 30 ? 0 : 2] as const);
    const of = { decision, embeddings: new LiveEmbeddings() };
    const found = await runnerUpsOf({ learner, gallery: two, threshold: 1 }, kept(faces, 12), of);
    expect(found).toHaveLength(100);
    expect(Math.max(...found)).toBeCloseTo(2);
  });

  it('says nothing with one enrolled, or of tracks that could not have been decided', async () => {
    const { learner } = plainLearner();
    const of = { decision, embeddings: new LiveEmbeddings() };
    const alone = galleryOf({ ada: [0, 0] });
    expect(await runnerUpsOf({ learner, gallery: alone, threshold: 1 }, kept([[0, 0]]), of)).toEqual([]);
    const strict = { ...of, decision: { ...decision, minQuality: 0.95 } };
    expect(await runnerUpsOf({ learner, gallery: two, threshold: 1 }, kept([[0, 0]]), strict)).toEqual([]);
  });
});
