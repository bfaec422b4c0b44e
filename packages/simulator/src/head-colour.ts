import { eyeDistance, glassesDistance, hairDistance, lidGap, lipDistance, skinDistance } from './head-sdf.ts';
import type { HeadShape } from './head-shape.ts';
import { clamp, mix, smoothstep, valueNoise } from './scalar.ts';

/** How a surface answers light, beside its colour. */
export const surfaces = { skin: 0, eye: 1, hair: 2, frame: 3 } as const;
export type Surface = (typeof surfaces)[keyof typeof surfaces];

/**
 * Colour of the head's surface at a point, linear light, written into `out[0..2]`.
 * @returns which surface the point belongs to.
 */
export function headColour(h: HeadShape, x: number, y: number, z: number, out: Float64Array): Surface {
  const ax = x < 0 ? -x : x;
  const skin = skinDistance(h, ax, y, z);
  const hair = hairDistance(h, x, y, z);
  const eye = z > 0.25 ? eyeDistance(h, ax, y, z) : 1e3;
  const frame = h.glasses ? glassesDistance(h, ax, y, z) : 1e3;
  if (frame < skin && frame < hair && frame < eye) {
    out[0] = out[1] = 0.012;
    out[2] = 0.015;
    return surfaces.frame;
  }
  if (eye < skin && eye < hair) {
    eyeColour(h, x, y, z, out);
    return surfaces.eye;
  }
  if (hair < skin) {
    hairColour(h, x, y, z, out);
    return surfaces.hair;
  }
  skinColour(h, x, y, z, out);
  return surfaces.skin;
}

function eyeColour(h: HeadShape, x: number, y: number, z: number, out: Float64Array): void {
  const side = x < 0 ? -1 : 1;
  const dx = (x * side - h.eyeX) / h.eyeR - side * h.gazeX;
  const dy = (y - h.eyeY) / h.eyeR - h.gazeY;
  const r = Math.sqrt(dx * dx + dy * dy);
  const iris = h.person.iris;
  const pupil = smoothstep(0.18, 0.24, r);
  const rim = 1 - 0.6 * smoothstep(0.4, 0.52, r);
  const white = smoothstep(0.5, 0.58, r);
  // Lashes and the lid shade the upper part of the ball.
  const shade = 1 - 0.55 * smoothstep(-0.035, 0, lidGap(h, x * side, y)) - 0.2 * clamp(dy, 0, 1);
  const glint = 1 - smoothstep(0.05, 0.12, Math.sqrt((dx + 0.16) * (dx + 0.16) + (dy - 0.2) * (dy - 0.2)));
  const ball = z > 0.6 ? 1 : 0.8;
  out[0] = (mix(iris[0] * rim * pupil, 0.75, white) * shade + 0.8 * glint) * ball;
  out[1] = (mix(iris[1] * rim * pupil, 0.7, white) * shade + 0.8 * glint) * ball;
  out[2] = (mix(iris[2] * rim * pupil, 0.67, white) * shade + 0.8 * glint) * ball;
}

function hairColour(h: HeadShape, x: number, y: number, z: number, out: Float64Array): void {
  const curly = h.hairWave > 0.03;
  const strand = curly
    ? 0.55 + 0.9 * valueNoise(x * 14, y * 14, z * 14)
    : 0.72 + 0.5 * valueNoise(x * 34 + 3 * valueNoise(0, y * 4, z * 3), y * 4, z * 24);
  const { hairColour: c } = h.person;
  for (let i = 0; i < 3; i++) out[i] = (c[i] ?? 0) * strand;
}

function scale(out: Float64Array, r: number, g: number, b: number): void {
  out[0] = (out[0] ?? 0) * r;
  out[1] = (out[1] ?? 0) * g;
  out[2] = (out[2] ?? 0) * b;
}

function tint(out: Float64Array, r: number, g: number, b: number, amount: number): void {
  out[0] = mix(out[0] ?? 0, r, amount);
  out[1] = mix(out[1] ?? 0, g, amount);
  out[2] = mix(out[2] ?? 0, b, amount);
}

function skinColour(h: HeadShape, x: number, y: number, z: number, out: Float64Array): void {
  const p = h.person;
  const ax = x < 0 ? -x : x;
  out[0] = p.skin[0];
  out[1] = p.skin[1];
  out[2] = p.skin[2];
  const seed = (p.seed % 97) * 3.1;
  const blotch = valueNoise(x * 5 + seed, y * 5, z * 5) - 0.5;
  const pores = valueNoise(x * 26, y * 26 + seed, z * 26) - 0.5;
  scale(out, 1 + 0.06 * blotch + 0.08 * pores, 1 - 0.1 * blotch + 0.1 * pores, 1 - 0.1 * blotch + 0.1 * pores);
  if (y < -0.95) scale(out, 0.9, 0.87, 0.86); // the neck lies in the chin's shade
  if (z < 0) return;

  const cheek = smoothstep(0.27, 0, Math.hypot(ax - 0.38, y - h.cheekY - 0.02));
  const noseFlush = smoothstep(0.16, 0, Math.hypot(ax, y - h.noseTipY));
  const flush = cheek + 0.7 * noseFlush;
  scale(out, 1 + 0.05 * flush, 1 - 0.13 * flush, 1 - 0.11 * flush);

  const socket = smoothstep(0.22, 0.05, Math.hypot(ax - h.eyeX, (y - h.eyeY) * 1.3));
  const bag =
    p.age *
    smoothstep(0.08, 0.02, Math.abs(y - h.eyeY + 0.13 - 0.3 * (ax - h.eyeX) * (ax - h.eyeX))) *
    smoothstep(0.2, 0.08, Math.abs(ax - h.eyeX));
  scale(out, 1 - 0.3 * socket - 0.25 * bag, 1 - 0.36 * socket - 0.3 * bag, 1 - 0.34 * socket - 0.27 * bag);
  const fold =
    p.age *
    smoothstep(0.03, 0.008, Math.abs(ax - (h.noseWingX + 0.05 + (h.noseTipY - y) * 0.55))) *
    smoothstep(h.mouthY - 0.1, h.mouthY + 0.05, y) *
    smoothstep(h.noseTipY + 0.04, h.noseTipY - 0.04, y);
  const furrow =
    p.age *
    smoothstep(0.016, 0.004, Math.abs(((y - 0.42) % 0.09) + x * x * 0.06)) *
    smoothstep(0.38, 0.44, y) *
    smoothstep(0.4, 0.2, ax);
  scale(out, 1 - 0.35 * fold - 0.2 * furrow, 1 - 0.42 * fold - 0.24 * furrow, 1 - 0.42 * fold - 0.24 * furrow);

  const lash =
    smoothstep(0.03, 0.006, Math.abs(lidGap(h, ax, y))) *
    smoothstep(h.eyeY - 0.03, h.eyeY + 0.03, y) *
    smoothstep(h.eyeR * 1.35, h.eyeR * 1.1, Math.abs(ax - h.eyeX));
  scale(out, 1 - 0.75 * lash, 1 - 0.78 * lash, 1 - 0.78 * lash);
  freckle(h, x, y, out);
  if (p.beard > 0 || p.moustache > 0) beard(h, x, y, z, out);
  mouth(h, ax, y, z, out);
  brow(h, x, y, out);
  // Nostrils belong to the underside of the nose, not to a tip that hangs over them.
  const nostril =
    smoothstep(0.04, 0.014, Math.hypot((ax - h.noseWingX * 0.55) * 0.8, y - h.noseTipY + 0.062)) *
    smoothstep(h.noseZ + 0.055, h.noseZ + 0.02, z);
  scale(out, 1 - 0.75 * nostril, 1 - 0.82 * nostril, 1 - 0.82 * nostril);
}

function freckle(h: HeadShape, x: number, y: number, out: Float64Array): void {
  const p = h.person;
  if (p.freckles > 0) {
    const field = valueNoise(x * 30 + (p.seed % 31), y * 30, 7) * smoothstep(0.34, 0.1, Math.abs(y - h.cheekY - 0.03));
    const spot = smoothstep(0.6, 0.74, field) * p.freckles;
    scale(out, 1 - 0.3 * spot, 1 - 0.45 * spot, 1 - 0.5 * spot);
  }
  for (const mole of p.moles) {
    const spot = smoothstep(0.035, 0.018, Math.hypot(x - mole.x, y - mole.y));
    scale(out, 1 - 0.7 * spot, 1 - 0.78 * spot, 1 - 0.8 * spot);
  }
}

function beard(h: HeadShape, x: number, y: number, z: number, out: Float64Array): void {
  const p = h.person;
  const ax = x < 0 ? -x : x;
  const edge = -0.3 + 0.28 * smoothstep(0.3, 0.6, ax) + 0.05 * valueNoise(x * 8, 3, 1);
  const chin =
    smoothstep(edge, edge - 0.12, y) * smoothstep(-1.05, -0.95, y) * (1 - smoothstep(0.2, 0.34, ax) * (1 - p.beard));
  const lip =
    smoothstep(h.mouthW + 0.1, h.mouthW, ax) *
    smoothstep(h.mouthY, h.mouthY + 0.03, y) *
    smoothstep(h.noseTipY - 0.05, h.noseTipY - 0.09, y);
  const hairs = 0.65 + 0.5 * valueNoise(x * 40, y * 18, z * 30);
  const amount = Math.max(p.beard * chin, p.moustache * lip) * 0.92;
  tint(out, p.hairColour[0] * hairs, p.hairColour[1] * hairs, p.hairColour[2] * hairs, amount);
}

function mouth(h: HeadShape, ax: number, y: number, z: number, out: Float64Array): void {
  const lip = smoothstep(0.018, -0.004, lipDistance(h, ax, y, z));
  const red = h.person.lipRed * (1 - 0.4 * h.person.age);
  scale(out, mix(1, 0.88, lip), mix(1, mix(0.72, 0.34, red), lip), mix(1, mix(0.74, 0.38, red), lip));
  const u = ax / h.mouthW;
  const line = h.mouthY - h.lip * 0.12 + (h.mouthCornerY - h.mouthY) * u * u;
  const slit = smoothstep(0.02, 0.006, Math.abs(y - line)) * smoothstep(1.08, 0.9, u);
  scale(out, 1 - 0.72 * slit, 1 - 0.8 * slit, 1 - 0.8 * slit);
}

function brow(h: HeadShape, x: number, y: number, out: Float64Array): void {
  const p = h.person;
  const ax = x < 0 ? -x : x;
  const middle = p.browY + (ax - 0.1) * p.browTilt - (ax - 0.22) * (ax - 0.22) * p.browArch;
  const half = p.browThickness * mix(1.15, 0.7, smoothstep(0.12, 0.42, ax));
  const hairs = 0.7 + 0.6 * valueNoise(x * 50 + y * 30, y * 20, 2);
  const amount =
    smoothstep(half, half * 0.35, Math.abs(y - middle)) *
    smoothstep(0.06, 0.12, ax) *
    smoothstep(0.46, 0.38, ax) *
    p.browStrength *
    clamp(hairs, 0, 1);
  tint(out, p.hairColour[0] * 0.55, p.hairColour[1] * 0.55, p.hairColour[2] * 0.55, amount);
}
