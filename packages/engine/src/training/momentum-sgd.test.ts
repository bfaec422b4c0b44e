import { describe, expect, it } from 'vitest';
import { momentumUpdate } from './momentum-sgd.ts';

const rates = { learningRate: 0.5, momentum: 0.9, weightDecay: 0.1, basePull: 0.2, scale: 0.25 };
const numbers = (...values: number[]) => Float32Array.from(values);
const room = (length: number) => ({ weight: new Float32Array(length), velocity: new Float32Array(length) });

describe('momentumUpdate', () => {
  it('adds what the gradients, the past, the decay and the base ask for', () => {
    const next = room(2);
    const now = { weight: numbers(2, -1), velocity: numbers(1, 0) };
    const finite = momentumUpdate(now, { sum: numbers(4, 0), base: numbers(1, -1) }, next, rates);
    expect(finite).toBe(true);
    // 0.9 * 1 + 0.25 * 4 + 0.1 * 2 + 0.2 * (2 - 1) and 0.1 * -1.
    expect(Array.from(next.velocity)).toEqual([expect.closeTo(2.3, 6), expect.closeTo(-0.1, 6)]);
    expect(Array.from(next.weight)).toEqual([expect.closeTo(2 - 1.15, 6), expect.closeTo(-0.95, 6)]);
    expect(now).toEqual({ weight: numbers(2, -1), velocity: numbers(1, 0) });
  });

  it('leaves weights at rest where nothing pulls, down to the last bit', () => {
    const weight = Float32Array.from({ length: 100 }, (_, i) => Math.sin(i) / 3);
    const next = room(100);
    const gentle = { ...rates, weightDecay: 0, basePull: 1e-9 };
    momentumUpdate(
      { weight, velocity: new Float32Array(100) },
      { sum: new Float32Array(100), base: weight },
      next,
      gentle,
    );
    expect(next.weight).toEqual(weight);
  });

  it.each([
    ['a gradient that is no number', { sum: numbers(0, Number.NaN), base: numbers(0, 0) }],
    ['gradients that are infinite both ways', { sum: numbers(Infinity, -Infinity), base: numbers(0, 0) }],
    ['weights beyond what float32 holds', { sum: numbers(3e38, 0), base: numbers(0, 0) }],
  ])('notices %s', (_, forces) => {
    const now = { weight: numbers(1, 1), velocity: numbers(0, 0) };
    expect(momentumUpdate(now, forces, room(2), { ...rates, learningRate: 100 })).toBe(false);
  });
});
