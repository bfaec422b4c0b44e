import { describe, expect, it } from 'vitest';
import { prepareFunnel } from './prepare-funnel.ts';

const funnel = { seconds: 60, frames: 300, faces: 500, goodCrops: 400, matched: 12 };

describe('prepareFunnel', () => {
  it('scales bars by the largest step', () => {
    expect(prepareFunnel(funnel).steps.map((s) => s.share)).toEqual([0.6, 1, 0.8, 0.024]);
  });

  it('leaves what was not measured empty', () => {
    const [frames] = prepareFunnel({ ...funnel, frames: null }).steps;
    expect(frames).toEqual({ label: 'Frames', count: null, share: null });
  });

  it('says where faces get lost', () => {
    expect(prepareFunnel(funnel).advice).toBeNull();
    expect(prepareFunnel({ ...funnel, frames: 0 }).advice).toContain('No frames');
    expect(prepareFunnel({ ...funnel, faces: 0 }).advice).toContain('without faces');
    expect(prepareFunnel({ ...funnel, goodCrops: 20 }).advice).toContain('too small');
    expect(prepareFunnel({ ...funnel, matched: 0 }).advice).toContain('nobody matches');
  });
});
