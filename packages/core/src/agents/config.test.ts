import { describe, expect, it } from 'vitest';
import { usesLandmarks } from '../ports.ts';
import { probeMetaSchema } from '../probe.ts';
import { alignmentSchema } from './config.ts';

const template = Array.from({ length: 5 }, (_, i) => ({ x: i, y: 2 * i }));

describe('alignmentSchema', () => {
  it('takes both forms, and configurations from before there were two', () => {
    const face = alignmentSchema.parse({ size: 112, template });
    const body = alignmentSchema.parse({ size: 64, crop: 'box' });
    expect([face, body].map(usesLandmarks)).toEqual([true, false]);
    expect(JSON.parse(JSON.stringify([face, body]))).toEqual([
      { size: 112, template },
      { size: 64, crop: 'box' },
    ]);
  });

  it('refuses what is neither', () => {
    for (const wrong of [
      { size: 64 },
      { size: 64, crop: 'circle' },
      { size: 0, crop: 'box' },
      { size: 112, template: [] },
    ])
      expect(alignmentSchema.safeParse(wrong).success).toBe(false);
  });
});

describe('probeMetaSchema', () => {
  const probe = { trackId: 1, box: { x: 0, y: 0, width: 8, height: 20 }, score: 1, quality: 1 };

  it('takes probes with landmarks and without, but not with too few to align', () => {
    const accepts = (landmarks: unknown) => probeMetaSchema.safeParse({ ...probe, landmarks }).success;
    expect([[], template, [...template, ...template]].map(accepts)).toEqual([true, true, true]);
    expect([template.slice(1), undefined].map(accepts)).toEqual([false, false]);
  });
});
