import { describe, expect, it } from 'vitest';
import { readDisplayMatrix, turnUpright } from './upright.ts';

const matrix = (a: number, b: number, c: number, d: number) => {
  const bytes = Buffer.alloc(36);
  for (const [i, value] of [a, b, 0, c, d, 0, 0, 0].entries()) bytes.writeInt32LE(Math.round(value * 65536), 4 * i);
  bytes.writeInt32LE(1 << 30, 32);
  return bytes;
};

/** Pixels as letters, rows from the top: each letter's code in all three colours. */
const picture = (...rows: string[]) => ({
  width: rows[0]!.length,
  height: rows.length,
  data: Uint8Array.from([...rows.join('')].flatMap((letter) => Array(3).fill(letter.charCodeAt(0)))),
});

const turned = (...[a, b, c, d]: [number, number, number, number]) => {
  const { width, data } = turnUpright(picture('abc', 'def'), readDisplayMatrix(matrix(a, b, c, d)));
  const letters = Array.from({ length: data.length / 3 }, (_, i) => String.fromCharCode(data[3 * i]!)).join('');
  return letters.match(new RegExp(`.{${width}}`, 'g'));
};

describe('pictures that a container says to turn', () => {
  it('are turned by quarters, clockwise', () => {
    expect(turned(0, 1, -1, 0)).toEqual(['da', 'eb', 'fc']);
    expect(turned(-1, 0, 0, -1)).toEqual(['fed', 'cba']);
    expect(turned(0, -1, 1, 0)).toEqual(['cf', 'be', 'ad']);
  });

  it('are mirrored, turned or not', () => {
    expect(turned(-1, 0, 0, 1)).toEqual(['cba', 'fed']);
    expect(turned(1, 0, 0, -1)).toEqual(['def', 'abc']);
    expect(turned(0, 1, 1, 0)).toEqual(['ad', 'be', 'cf']);
  });

  it('stay as they are when upright, oblique or without a map', () => {
    for (const upright of [matrix(1, 0, 0, 1), matrix(0.7, 0.7, -0.7, 0.7), matrix(0, 0, 0, 0), Buffer.alloc(4)])
      expect(readDisplayMatrix(upright)).toBeNull();
  });

  it('are turned whatever they are scaled by', () => {
    expect(readDisplayMatrix(matrix(0, 2, -2, 0))).toEqual({ row: [0, 1], column: [-1, 0] });
  });
});
