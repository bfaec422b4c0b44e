import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSampler } from './frame-sampler.ts';

const taken = (times: readonly number[], rate: number) => {
  const sampler = new FrameSampler(rate);
  return times.filter((time) => sampler.wants(time));
};
const clock = (fps: number, count: number) => Array.from({ length: count }, (_, i) => (i * 1000) / fps);

describe('FrameSampler', () => {
  it('takes every fifth frame of 25 fps at R_C = 5', () => {
    expect(taken(clock(25, 26), 5)).toEqual([0, 200, 400, 600, 800, 1000]);
  });

  it('takes the frame nearest to each grid point, before or after it', () => {
    // Grid at R_C = 7: 0, 142.9, 285.7, 428.6, 571.4, 714.3; frames of 10 fps.
    expect(taken(clock(10, 8), 7)).toEqual([0, 100, 300, 400, 600, 700]);
  });

  it('keeps the rate and takes the nearest frame for any steady source', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 5, max: 60, noNaN: true }),
        fc.double({ min: 0.2, max: 60, noNaN: true }),
        (fps, rate) => {
          const seconds = 20 + 5 / rate;
          const times = clock(fps, Math.ceil(fps * seconds));
          const got = taken(times, rate);
          const expected = Math.min(fps, rate) * (times.at(-1)! / 1000);
          expect(Math.abs(got.length - expected)).toBeLessThanOrEqual(2);
          if (rate < fps) {
            for (const [k, time] of got.entries()) {
              expect(Math.abs(time - (k * 1000) / rate)).toBeLessThanOrEqual(500 / fps + 1e-6);
            }
          }
        },
      ),
    );
  });

  it('starts a new grid after a gap and does not burst', () => {
    const times = [...clock(25, 6), ...clock(25, 11).map((time) => time + 5030)];
    expect(taken(times, 5)).toEqual([0, 200, 5030, 5230, 5430]);
  });

  it('follows a changed rate and a source that starts over', () => {
    const sampler = new FrameSampler(5);
    for (const time of clock(25, 10)) sampler.wants(time);
    sampler.reset();
    sampler.rate = 25;
    expect(clock(25, 4).map((time) => sampler.wants(time))).toEqual([true, true, true, true]);
  });
});
