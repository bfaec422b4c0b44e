import type { RgbImage } from '@saface/core';
import { AV_PKT_DATA_DISPLAYMATRIX, type Stream } from 'node-av';

/** How the stored picture lies in the upright one: the directions, -1, 0 or 1, in which its rows and columns run. */
export interface Orientation {
  /** Along a row of the stored picture. */
  readonly row: readonly [x: number, y: number];
  /** Down a column of it. */
  readonly column: readonly [x: number, y: number];
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * How a stream's pictures have to be turned or mirrored to be upright, as phones and ceiling cameras note it instead of turning them:
 * faces that lie on their side are not found. Null where they are upright already, or to be turned by anything but quarters.
 */
export function orientationOf(stream: Stream): Orientation | null {
  const noted = stream.codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  return noted === null ? null : readDisplayMatrix(noted);
}

/** @param bytes FFmpeg's display matrix: nine 32-bit numbers, the map of (x, y) to (x a + y c, x b + y d) in the order a b . c d . . . . */
export function readDisplayMatrix(bytes: Buffer): Orientation | null {
  if (bytes.length < 36) return null;
  const at = (i: number) => bytes.readInt32LE(4 * i);
  const directions = [at(0), at(1), at(3), at(4)];
  const [a, b] = unit(directions[0]!, directions[1]!);
  const [c, d] = unit(directions[2]!, directions[3]!);
  const upright = a === 1 && d === 1;
  return upright || Math.abs(a * d - b * c) !== 1 ? null : { row: [a, b], column: [c, d] };
}

/** The direction along an axis; [0, 0] where it is oblique, or there is none. */
function unit(x: number, y: number): [number, number] {
  const length = Math.hypot(x, y);
  const along = (value: number) => {
    const whole = Math.round(value / length);
    // Not -0, which is another number to those who compare.
    return Math.abs(value / length - whole) < 0.01 ? whole + 0 : Number.NaN;
  };
  const direction: [number, number] = [along(x), along(y)];
  return direction.every(Number.isFinite) ? direction : [0, 0];
}

/** Of the upright picture; applied to an upright size, of the stored one. */
export function turnedSize({ width, height }: Size, orientation: Orientation | null): Size {
  return orientation !== null && orientation.row[0] === 0 ? { width: height, height: width } : { width, height };
}

export function turnUpright(stored: RgbImage, orientation: Orientation | null): RgbImage {
  if (orientation === null) return stored;
  const { width, height, data } = stored;
  const size = turnedSize(stored, orientation);
  const { row, column } = orientation;
  // Bytes from one stored pixel to the next along its row and down its column, in the upright picture.
  const alongRow = 3 * (row[0] + row[1] * size.width);
  const downColumn = 3 * (column[0] + column[1] * size.width);
  const last = (axis: 0 | 1) => (row[axis] < 0 ? width - 1 : 0) + (column[axis] < 0 ? height - 1 : 0);
  const first = 3 * (last(0) + last(1) * size.width);
  const turned = new Uint8Array(data.length);
  for (let y = 0, from = 0; y < height; y++) {
    let to = first + y * downColumn;
    for (let x = 0; x < width; x++, from += 3, to += alongRow) {
      turned[to] = data[from]!;
      turned[to + 1] = data[from + 1]!;
      turned[to + 2] = data[from + 2]!;
    }
  }
  return { ...size, data: turned };
}
