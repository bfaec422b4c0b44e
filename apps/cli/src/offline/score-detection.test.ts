import { describe, expect, it } from 'vitest';
import { labelFaces, scoreDetection, trackPurity } from './score-detection.ts';

const box = (x: number, size = 50) => ({ x, y: 0, width: size, height: size });
const truth = new Map([
  [
    0,
    [
      { person: 'a', box: box(0) },
      { person: 'b', box: box(100) },
    ],
  ],
  [
    1,
    [
      { person: 'a', box: box(10) },
      { person: 'b', box: box(110) },
      { person: 'c', box: box(300, 20) },
    ],
  ],
]);

describe('scoring detections and tracks against labels', () => {
  it('labels each seen face with the labelled face that overlaps it most, one-to-one', () => {
    const seen = [
      { frame: 0, trackId: 1, box: box(2) },
      { frame: 0, trackId: 2, box: box(5) },
      { frame: 0, trackId: 3, box: box(101) },
      { frame: 7, trackId: 3, box: box(101) },
    ];
    expect(labelFaces(seen, truth)).toEqual(['a', null, 'b', null]);
  });

  it('counts recall over labelled faces of the asked size only', () => {
    const seen = [
      { frame: 0, trackId: 1, box: box(0) },
      { frame: 1, trackId: 1, box: box(10) },
      { frame: 1, trackId: 2, box: box(112) },
    ];
    expect(scoreDetection(seen, truth)).toEqual({ labelledFaces: 4, recall: 0.75, minSize: 40 });
    expect(scoreDetection(seen, truth, 10).labelledFaces).toBe(5);
  });

  it('calls a track that mixes two people impure, and ignores faces without a label', () => {
    const seen = [1, 1, 1, 1, 2, 2].map((trackId, frame) => ({ frame, trackId, box: box(0) }));
    expect(trackPurity(seen, ['a', 'a', 'a', 'b', 'b', null])).toBeCloseTo(0.8);
    expect(trackPurity(seen, [null, null, null, null, null, null])).toBe(1);
  });
});
