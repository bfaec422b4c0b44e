import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { FrameSampler } from './frame-sampler.ts';

function kept(times: number[], fps: number | null): number[] {
  const sampler = new FrameSampler(fps);
  return times.filter((time) => sampler.wants(time));
}

it('keeps every second frame at half the rate, and all at null', () => {
  const times = Array.from({ length: 10 }, (_, i) => i * 40);
  expect(kept(times, 12.5)).toEqual([0, 80, 160, 240, 320]);
  expect(kept(times, null)).toEqual(times);
});

it('never exceeds its rate by more than one frame, and meets a rate the source can give', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1, max: 400, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.integer({ min: 1, max: 30 }),
      (gaps, fps) => {
        let now = 0;
        const times = gaps.map((gap) => (now += gap));
        const chosen = kept(times, fps);
        expect(chosen[0]).toBe(times[0]);
        expect(chosen.length).toBeLessThanOrEqual(((now - (times[0] ?? 0)) * fps) / 1000 + 1.01);
      },
    ),
  );
  const dense = Array.from({ length: 1001 }, (_, i) => i * 10);
  expect(kept(dense, 7).length).toBeCloseTo(71, -0.5);
});
