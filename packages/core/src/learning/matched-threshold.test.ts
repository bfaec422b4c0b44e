import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../evaluation/random.ts';
import { trackImpostors } from '../recognition/impostor-tail.ts';
import { buildLearningSet, type ProbeObservation } from './learning-set.ts';
import { matchedThreshold } from './matched-threshold.ts';

const dimension = 2;
const box = { x: 0, y: 0, width: 10, height: 10 };

/** `meetings` of two people for a dozen frames each, and embeddings: who they are along one axis, noise of single faces along the other. */
function scene({ meetings, noise }: { meetings: number; noise: number }) {
  const random = createRandom(3);
  const observations: ProbeObservation[] = [];
  const rows: number[][] = [];
  for (let m = 0; m < meetings; m++) {
    const apart = 1 + random();
    for (let f = 0; f < 12; f++)
      for (const person of [0, 1]) {
        const frame = 100 * m + f;
        const seen = { trackKey: `${m}/${person}`, frameKey: `${frame}`, frame, time: 100 * frame, quality: 1, box };
        observations.push(seen);
        rows.push([person * apart, noise * (random() - 0.5)]);
      }
  }
  const judged = buildLearningSet(observations);
  return { judged, embeddings: Float32Array.from(judged.probes.flatMap(({ row }) => rows[row]!)) };
}

describe('matchedThreshold', () => {
  it('follows the scale of the distances, whatever share of strangers the champion accepts', () => {
    const { judged, embeddings } = scene({ meetings: 40, noise: 0.2 });
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.double({ min: 0.3, max: 3, noNaN: true }),
        (scale, own) => {
          const after = embeddings.map((value) => value * scale);
          const found = matchedThreshold(own, { judged, before: embeddings, after, dimension, metric: 'euclidean' });
          expect(found / (own * scale)).toBeCloseTo(1, 3);
        },
      ),
    );
  });

  it('accepts as many strangers as the champion does, however differently it sees them', () => {
    const { judged, embeddings: before } = scene({ meetings: 100, noise: 0.1 });
    const after = before.map((value, i) => (i % dimension === 0 ? value ** 3 : value));
    const accepted = (embeddings: Float32Array, threshold: number) => {
      const { distances } = trackImpostors(judged, embeddings, { dimension, metric: 'euclidean' });
      return Array.from(distances).filter((d) => d <= threshold).length / distances.length;
    };
    for (const own of [1.1, 1.5, 1.9]) {
      const found = matchedThreshold(own, { judged, before, after, dimension, metric: 'euclidean' });
      expect(Math.abs(accepted(after, found) - accepted(before, own))).toBeLessThan(0.03);
    }
    // Nobody is as near as that: it moves as those do who are nearest, 1 apart under both.
    const few = matchedThreshold(0.5, { judged, before, after, dimension, metric: 'euclidean' });
    expect(few).toBeGreaterThan(0.45);
    expect(few).toBeLessThan(0.6);
  });

  it('is the champion’s where nobody was seen together', () => {
    const alone = buildLearningSet(
      Array.from({ length: 12 }, (_, frame) => ({
        trackKey: 'a',
        frameKey: `${frame}`,
        frame,
        time: frame,
        quality: 1,
        box,
      })),
    );
    const embeddings = new Float32Array(dimension * alone.probes.length);
    const of = { judged: alone, before: embeddings, after: embeddings, dimension, metric: 'euclidean' as const };
    expect(matchedThreshold(0.6, of)).toBe(0.6);
  });
});
