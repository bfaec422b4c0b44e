import type { FeatureBank } from './fine-tune-types.ts';

/**
 * IEEE 754 half precision, as Node 20 has no Float16Array. Rounds to nearest, ties to even; beyond ±65504 values saturate, because an
 * infinite feature would poison a whole training batch.
 */
const LARGEST = 65504;
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Rows of half floats, sample after sample, as training reads them. */
export function halfBank(halves: Uint16Array, sampleSize: number): FeatureBank {
  return {
    sampleSize,
    read(rows) {
      const out = new Float32Array(rows.length * sampleSize);
      for (let i = 0; i < rows.length; i++) {
        const from = rows[i] * sampleSize;
        fromHalf(halves.subarray(from, from + sampleSize), out.subarray(i * sampleSize, (i + 1) * sampleSize));
      }
      return out;
    },
  };
}

export function toHalf(values: ArrayLike<number>, out = new Uint16Array(values.length)): Uint16Array {
  for (let i = 0; i < values.length; i++) out[i] = encode(values[i]);
  return out;
}

export function fromHalf(halves: Uint16Array, out = new Float32Array(halves.length)): Float32Array {
  for (let i = 0; i < halves.length; i++) out[i] = decoded[halves[i]];
  return out;
}

function encode(value: number): number {
  float[0] = Math.min(LARGEST, Math.max(-LARGEST, value));
  const f = bits[0];
  const sign = (f >>> 16) & 0x8000;
  const magnitude = f & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00; // NaN stays NaN
  if (magnitude < 0x33000001) return sign; // rounds to zero
  if (magnitude < 0x38800000) {
    // Subnormal: the mantissa with its hidden bit, shifted down.
    const shift = 126 - (magnitude >>> 23);
    const mantissa = (magnitude & 0x7fffff) | 0x800000;
    return sign | roundedShift(mantissa, shift);
  }
  return sign | roundedShift(magnitude - 0x38000000, 13);
}

function roundedShift(value: number, shift: number): number {
  const half = 1 << (shift - 1);
  const rest = value & ((1 << shift) - 1);
  const floor = value >>> shift;
  return rest > half || (rest === half && (floor & 1) === 1) ? floor + 1 : floor;
}

/** All 65,536 halves once: reading back is a look-up. */
const decoded = Float32Array.from({ length: 65_536 }, (_, h) => {
  const sign = h & 0x8000 ? -1 : 1;
  const exponent = (h >>> 10) & 31;
  const mantissa = h & 1023;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * mantissa * 2 ** -24 : sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
});
