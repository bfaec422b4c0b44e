import { describe, expect, it } from 'vitest';
import { thumbnail } from './thumbnail.ts';

describe('thumbnail', () => {
  it('averages what it shrinks, channel by channel', () => {
    const data = Uint8Array.from(
      { length: 4 * 4 * 3 },
      (_, i) => [0, 100, 200][i % 3]! + (Math.floor(i / 12) % 2) * 10,
    );
    const small = thumbnail({ width: 4, height: 4, data }, 2);
    expect(small).toMatchObject({ width: 2, height: 2 });
    expect([...small.data]).toEqual([5, 105, 205, 5, 105, 205, 5, 105, 205, 5, 105, 205]);
  });

  it('copies what is small enough, so that the message it came in can go', () => {
    const data = Uint8Array.of(1, 2, 3);
    const same = thumbnail({ width: 1, height: 1, data });
    expect(same.data).toEqual(data);
    expect(same.data).not.toBe(data);
  });
});
