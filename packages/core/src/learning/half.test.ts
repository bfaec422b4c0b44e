import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeatureStore } from './feature-store.ts';
import { fromHalf, halfBank, toHalf } from './half.ts';

describe('half floats', () => {
  it('reads every half back to itself', () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, i) => i).filter((h) => ((h >>> 10) & 31) !== 31);
    expect(toHalf(fromHalf(all))).toEqual(all);
  });

  it('is never further off than half a step, and saturates instead of becoming infinite', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const [back] = fromHalf(toHalf([value]));
        const clipped = Math.max(-65504, Math.min(65504, value));
        expect(Math.abs(back - clipped)).toBeLessThanOrEqual(Math.max(Math.abs(clipped) * 2 ** -11, 2 ** -25));
      }),
    );
  });

  it('keeps NaN, so that a broken model is noticed', () => {
    expect(fromHalf(toHalf([Number.NaN]))[0]).toBeNaN();
  });

  it('is a bank of rows in any order, also twice', async () => {
    const bank = halfBank(toHalf([1, 2, 3, 4, 5, 6]), 2);
    expect([...(await bank.read([2, 0, 2]))]).toEqual([5, 6, 1, 2, 5, 6]);
  });

  it('stores rows and reads them in any order', () => {
    const store = new FeatureStore(2);
    expect(store.add(Float32Array.of(1, 2, 3, 4))).toBe(0);
    expect(store.add(Float32Array.of(5, 6))).toBe(2);
    expect([...store.read([2, 0])]).toEqual([5, 6, 1, 2]);
    expect(store.size).toBe(3);
  });
});
