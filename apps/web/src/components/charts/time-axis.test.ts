import { describe, expect, it } from 'vitest';
import { timeTicks } from './time-axis.ts';

describe('timeTicks', () => {
  it('places round times inside the range', () => {
    expect(timeTicks(61_000, 121_000, 6)).toEqual([70_000, 80_000, 90_000, 100_000, 110_000, 120_000]);
  });

  it('takes whole days for long ranges', () => {
    const day = 86_400_000;
    expect(timeTicks(0, 20 * day, 5)).toEqual([0, 4 * day, 8 * day, 12 * day, 16 * day, 20 * day]);
  });

  it('gives one tick at most for an empty range', () => {
    expect(timeTicks(5000, 5000)).toEqual([5000]);
  });
});
