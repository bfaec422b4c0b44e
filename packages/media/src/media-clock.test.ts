import { expect, it } from 'vitest';
import { MediaClock } from './media-clock.ts';

const times = (...stamps: (number | null)[]) => {
  const clock = new MediaClock(40);
  return stamps.map((stamp) => clock.next(stamp));
};

it('begins at 0 and keeps gaps', () => {
  expect(times(18_000_000, 18_000_040, 18_005_000)).toEqual([0, 40, 5000]);
});

it('counts frames without time stamps', () => {
  expect(times(null, null, null)).toEqual([0, 40, 80]);
  expect(times(80, null, 160)).toEqual([0, 40, 80]);
});

it('goes on where time stamps start anew', () => {
  expect(times(5000, 8000, 0, 40, 3000)).toEqual([0, 3000, 3040, 3080, 6040]);
});

it('smooths over time stamps that repeat or step back a little, and is not late ever after', () => {
  expect(times(0, 80, 40, 120, 120, 300)).toEqual([0, 80, 120, 160, 200, 300]);
});
