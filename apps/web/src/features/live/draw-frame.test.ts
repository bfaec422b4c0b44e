import type { LiveFace } from '@saface/core/agents/live';
import { describe, expect, it } from 'vitest';
import { caption } from './draw-frame.ts';

const face: LiveFace = {
  trackId: 12,
  box: { x: 0, y: 0, width: 10, height: 10 },
  state: 'recognised',
  identityId: 'a',
  name: 'Ada',
  distance: 0.4321,
  threshold: 0.6,
};

describe('caption', () => {
  it('names person, track and distance', () => {
    expect(caption(face)).toBe('Ada #12 0.43');
  });

  it('says that it does not know, without a name', () => {
    expect(caption({ ...face, state: 'unknown' })).toBe('Unknown #12 0.43');
    expect(caption({ ...face, state: 'undecided', distance: null })).toBe('Undecided #12');
  });

  it('cuts a long name so that it does not hide the next face', () => {
    expect(caption({ ...face, name: 'Maximiliana-Josephine von Hohenfels' })).toBe('Maximiliana-Josephine… #12 0.43');
  });
});
