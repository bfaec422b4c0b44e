import { describe, expect, it } from 'vitest';
import { readFaceApiWeights, weight } from '../models/face-api/weights.ts';
import { decodeSsdBox, ssdAnchors } from './ssd-anchors.ts';

describe('ssdAnchors', () => {
  it('are the ones the network was trained with, at its own input size', async () => {
    const { data } = weight(await readFaceApiWeights('ssd_mobilenetv1_model'), 'Output/extra_dim');
    const anchors = ssdAnchors(512, 512);
    expect(anchors).toHaveLength(data.length);
    let worst = 0;
    for (let i = 0; i < data.length; i += 4) {
      const [top, left, bottom, right] = [...data.subarray(i, i + 4)].map((value) => value * 512);
      const expected = [(left! + right!) / 2, (top! + bottom!) / 2, right! - left!, bottom! - top!];
      for (let k = 0; k < 4; k++) worst = Math.max(worst, Math.abs(anchors[i + k]! - expected[k]!));
    }
    expect(worst).toBeLessThan(0.05);
  });

  it('keep their size in pixels on other canvases: only their number changes', () => {
    const small = ssdAnchors(320, 256);
    expect([...small.subarray(0, 12)]).toEqual([...ssdAnchors(512, 512).subarray(0, 12)]);
    // 20x16, 10x8, 5x4, 3x2, 2x1 and 1x1 cells.
    expect(small.length / 4).toBe(320 * 3 + (80 + 20 + 6 + 2 + 1) * 6);
  });
});

describe('decodeSsdBox', () => {
  it('gives the anchor itself for a code of zeros', () => {
    const box = decodeSsdBox(Float32Array.of(100, 50, 40, 20), new Float32Array(4), 0);
    expect(box).toEqual({ x: 80, y: 40, width: 40, height: 20 });
  });
});
