import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatBytes,
  formatDistance,
  formatDuration,
  formatGain,
  formatMilliseconds,
  formatShare,
  MISSING,
  plural,
} from './format.ts';

describe('format', () => {
  it('writes a missing figure as a dash, never as zero', () => {
    expect([formatShare(null), formatDistance(undefined), formatGain(Number.NaN), formatBytes(null)]).toEqual([
      MISSING,
      MISSING,
      MISSING,
      MISSING,
    ]);
  });

  it('writes shares in per cent and gains in signed percentage points', () => {
    expect(formatShare(0.98765)).toBe('98.77 %');
    expect(formatGain(0.0123)).toBe('+1.23 pp');
    expect(formatGain(-0.0123)).toBe('−1.23 pp');
    expect(formatGain(0)).toBe('±0.00 pp');
  });

  it('writes bytes in binary units', () => {
    expect(formatBytes(512)).toBe('512 B');
    expect(formatBytes(1536)).toBe('1.5 KiB');
    expect(formatBytes(3 * 1024 ** 3)).toBe('3.0 GiB');
  });

  it('writes durations in their two largest units', () => {
    expect([0, 59_400, 60_000, 125_000, 7_500_000, 90_000_000].map(formatDuration)).toEqual([
      '0 s',
      '59 s',
      '1 min',
      '2 min 5 s',
      '2 h 5 min',
      '1 d 1 h',
    ]);
  });

  it('treats a time slightly in the future as now', () => {
    const now = 1_000_000_000;
    expect(formatAgo(now + 1500, now)).toBe('just now');
    expect(formatAgo(now - 42_000, now)).toBe('42 s ago');
    expect(formatAgo(now - 3_600_000, now)).toBe('1 h ago');
    expect(formatAgo(null, now)).toBe('never');
  });

  it('switches from milliseconds to seconds at one second', () => {
    expect(formatMilliseconds(87.4)).toBe('87 ms');
    expect(formatMilliseconds(1240)).toBe('1.2 s');
  });

  it('counts in the right number', () => {
    expect([plural(1, 'camera'), plural(0, 'camera'), plural(2, 'identity', 'identities')]).toEqual([
      '1 camera',
      '0 cameras',
      '2 identities',
    ]);
  });
});
