import type { LiveFace } from '@saface/core/agents/live';
import { describe, expect, it } from 'vitest';
import { describeFaces, summariseFaces } from './describe-faces.ts';

const face = (trackId: number, state: LiveFace['state'], name: string | null = null): LiveFace => ({
  trackId,
  state,
  name,
  identityId: name,
  box: { x: 0, y: 0, width: 10, height: 10 },
  distance: null,
  threshold: null,
});

describe('describeFaces', () => {
  it('puts recognised people first and keeps tracks in order', () => {
    const lines = describeFaces([
      face(9, 'undecided'),
      face(4, 'unknown'),
      face(7, 'recognised', 'Ada'),
      face(2, 'unknown'),
    ]);
    expect(lines.map((l) => [l.trackId, l.label])).toEqual([
      [7, 'Ada'],
      [2, 'Unknown'],
      [4, 'Unknown'],
      [9, 'Undecided'],
    ]);
  });

  it('tells an unknown face that is near to two people from one that is near to nobody', () => {
    const near = (distance: number) => ({ ...face(1, 'unknown'), distance, threshold: 0.6 });
    expect(describeFaces([near(0.5)])[0].ambiguous).toBe(true);
    expect(describeFaces([near(0.7)])[0].ambiguous).toBe(false);
    expect(describeFaces([{ ...near(0.5), state: 'recognised' }])[0].ambiguous).toBe(false);
  });

  it('never shows a name for a face that is not recognised', () => {
    expect(describeFaces([face(1, 'unknown', 'Ada')])[0].label).toBe('Unknown');
  });
});

describe('summariseFaces', () => {
  it('names each person once and counts the rest', () => {
    const lines = describeFaces([face(1, 'recognised', 'Ada'), face(2, 'recognised', 'Ada'), face(3, 'unknown')]);
    expect(summariseFaces(lines)).toBe('On camera: Ada, 1 unknown.');
  });

  it('says when nobody is there', () => {
    expect(summariseFaces([])).toBe('Nobody on camera.');
  });
});
