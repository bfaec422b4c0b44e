import { expect, it } from 'vitest';
import { pixelAspect, shownSize } from './square-pixels.ts';

const noted = (num: number, den: number) => ({ sampleAspectRatio: { num, den } });
const silent = noted(0, 1);

it('stretches the side that is stored too short', () => {
  expect(shownSize({ width: 720, height: 576 }, pixelAspect(silent, noted(16, 15)))).toEqual({
    width: 768,
    height: 576,
  });
  expect(shownSize({ width: 800, height: 300 }, pixelAspect(noted(1, 2), noted(1, 1)))).toEqual({
    width: 800,
    height: 600,
  });
});

it.each([
  [0, 1],
  [1, 1],
  [1, 0],
  [4320, 4319],
  [100, 1],
])('takes pixels of %d:%d as square', (num, den) => {
  expect(pixelAspect(silent, noted(num, den))).toBe(1);
});
