import type { SourceConfig } from '@saface/core/agents/config';
import { describe, expect, it } from 'vitest';
import { describeSource, emptySource, parseSource, toSourceDraft } from './source-draft.ts';

const sources: SourceConfig[] = [
  { kind: 'file', path: '/a.mp4', loop: false },
  { kind: 'rtsp', url: 'rtsp://cam/1' },
  { kind: 'http', url: 'https://cam/1' },
  { kind: 'device', path: '/dev/video3' },
  { kind: 'simulator', scenario: 'entrance', seed: 7, loop: true, share: 0.75, seconds: 30 },
];

describe('camera source form', () => {
  it('gives back every kind of source', () => {
    for (const source of sources) expect(parseSource(toSourceDraft(source)).source).toEqual(source);
  });

  it('says what an address has to look like', () => {
    expect(parseSource({ ...emptySource, kind: 'rtsp', rtsp: 'http://cam' }).error).toContain('rtsp://');
    expect(parseSource({ ...emptySource, kind: 'device', device: 'cam0' }).error).toContain('/dev/video0');
    expect(parseSource({ ...emptySource, kind: 'simulator', seed: '' }).source).toBeNull();
  });

  it('never shows the password of an address', () => {
    expect(describeSource({ kind: 'rtsp', url: 'rtsp://admin:s@c/ret@cam/1?pin=7' })).toBe('rtsp://***@cam/1?pin=***');
  });
});
