/** Scalar helpers of the renderer: small enough for the compiler to inline into the ray-marching loop. */

export function clamp(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

export function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** 0 up to `from`, 1 from `to` on, smooth between. `from` may be the larger one. */
export function smoothstep(from: number, to: number, x: number): number {
  const t = clamp((x - from) / (to - from), 0, 1);
  return t * t * (3 - 2 * t);
}

/** Union of two distances, rounded over `k`. */
export function smoothMin(a: number, b: number, k: number): number {
  if (b - a >= k) return a;
  if (a - b >= k) return b;
  const h = 0.5 + (0.5 * (b - a)) / k;
  return b + (a - b) * h - k * h * (1 - h);
}

/** Intersection of two distances, rounded over `k`. */
export function smoothMax(a: number, b: number, k: number): number {
  return -smoothMin(-a, -b, k);
}

/** Approximate distance to an axis-aligned ellipsoid at the origin (exact on its surface). */
export function ellipsoid(x: number, y: number, z: number, rx: number, ry: number, rz: number): number {
  const ax = x / rx;
  const ay = y / ry;
  const az = z / rz;
  const k0 = Math.sqrt(ax * ax + ay * ay + az * az);
  const bx = ax / rx;
  const by = ay / ry;
  const bz = az / rz;
  const k1 = Math.sqrt(bx * bx + by * by + bz * bz);
  return k1 < 1e-9 ? -Math.min(rx, ry, rz) : (k0 * (k0 - 1)) / k1;
}

/** Repeatable noise in 0..1 on the integer grid. */
function hash3(x: number, y: number, z: number): number {
  let h = (Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(z, 0x9e3779b1)) | 0;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}

/** Smooth noise in 0..1 with a period of about one unit. */
export function valueNoise(x: number, y: number, z: number): number {
  const ix = Math.floor(x);
  const iy = Math.floor(y);
  const iz = Math.floor(z);
  const u = x - ix;
  const v = y - iy;
  const w = z - iz;
  const su = u * u * (3 - 2 * u);
  const sv = v * v * (3 - 2 * v);
  const sw = w * w * (3 - 2 * w);
  const near = mix(
    mix(hash3(ix, iy, iz), hash3(ix + 1, iy, iz), su),
    mix(hash3(ix, iy + 1, iz), hash3(ix + 1, iy + 1, iz), su),
    sv,
  );
  const far = mix(
    mix(hash3(ix, iy, iz + 1), hash3(ix + 1, iy, iz + 1), su),
    mix(hash3(ix, iy + 1, iz + 1), hash3(ix + 1, iy + 1, iz + 1), su),
    sv,
  );
  return mix(near, far, sw);
}

/** sRGB component 0..1 to linear light. */
export function toLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Linear light 0..1 to an sRGB component. */
export function toDisplay(value: number): number {
  return value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}
