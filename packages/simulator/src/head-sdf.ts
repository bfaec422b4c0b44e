import type { HeadShape } from './head-shape.ts';
import { clamp, ellipsoid, smoothMax, smoothMin, smoothstep } from './scalar.ts';

/**
 * The head as a signed distance field: negative inside, in head units. The field is an estimate (rounded unions of
 * ellipsoids), never far above the true distance; the marcher takes that into account.
 */
export function headDistance(h: HeadShape, x: number, y: number, z: number): number {
  // Far away, an exact distance to a capsule around everything is a safe and much cheaper step.
  const below = y < -0.75 ? y + 0.75 : y > 0.3 ? y - 0.3 : 0;
  const bound = Math.sqrt(x * x + below * below + (z + 0.1) * (z + 0.1)) - h.boundRadius;
  if (bound > 0.15) return bound;
  const ax = x < 0 ? -x : x;
  const skin = skinDistance(h, ax, y, z);
  // Before the face below the brows hangs no hair.
  const hair = z > 0.55 && y < 0.1 && ax < 0.35 ? 1e3 : hairDistance(h, x, y, z, skin);
  let d = Math.min(hair, skin);
  if (z > 0.25) {
    const eye = eyeDistance(h, ax, y, z);
    if (eye < d) d = eye;
  }
  if (h.glasses) {
    const frame = glassesDistance(h, ax, y, z);
    if (frame < d) d = frame;
  }
  return d;
}

/** Skin without eyeballs. `ax` is |x|: faces are symmetric here, hair and skin colour are not. */
export function skinDistance(h: HeadShape, ax: number, y: number, z: number): number {
  let d = ellipsoid(ax, y - 0.18, z + 0.08, h.skullW, h.skullH, h.skullD);
  d = smoothMin(d, ellipsoid(ax, y - h.jawY, z - 0.08, h.jawW, 0.52, 0.6), 0.22);
  if (z > -0.1 && d > 0.75)
    d -= 0.4; // no feature of the face stands out further
  else if (z > -0.1) {
    // A part further above or below than its size, its rounding and the distance so far cannot come into it.
    if (within(y - h.chinY, 0.36 + d)) {
      d = smoothMin(d, ellipsoid(ax, y - h.chinY, z - h.chinZ, h.chinSize, 0.16, 0.18), 0.2);
    }
    if (within(y - h.cheekY, 0.32 + d)) {
      d = smoothMin(d, ellipsoid(ax - 0.36, y - h.cheekY, z - 0.42, h.cheekSize, 0.16, 0.16), 0.16);
    }
    if (within(y - h.ridgeY, 0.13 + h.ridgeR + d)) {
      d = smoothMin(d, capsule(ax - 0.08, y - h.ridgeY, z - 0.66, 0.3, -0.01, -0.14, h.ridgeR, 0.03), 0.12);
    }
    if (within(y - h.eyeY, 0.21 - d)) {
      d = smoothMax(d, -ellipsoid(ax - h.eyeX, y - h.eyeY, z - 0.8, 0.17, 0.11, 0.17), 0.1);
    }
    if (within(y - h.noseMiddleY, h.noseReach + 0.07 + d)) d = smoothMin(d, noseDistance(h, ax, y, z), 0.07);
    if (within(y - h.mouthY, h.lip * 2.1 + 0.08 + d)) d = smoothMin(d, lipDistance(h, ax, y, z), 0.035);
    if (within(y - h.eyeY, h.eyeR + 0.035 + d)) d = smoothMin(d, lidDistance(h, ax, y, z), 0.02);
  }
  if (ax > 0.45) {
    const ear = ellipsoid(ax - h.earX, y, z + 0.08, 0.07, h.earR + 0.05, 0.12);
    const bowl = ellipsoid(ax - h.earX - 0.07, y - 0.01, z + 0.03, 0.05, h.earR, 0.08);
    d = smoothMin(d, smoothMax(ear, -bowl, 0.03), 0.05);
  }
  if (y < -0.3) d = smoothMin(d, capsule(ax, y + 0.6, z + 0.15, 0, -1.1, -0.08, 0.36, 0.44), 0.15);
  return d;
}

function within(distance: number, limit: number): boolean {
  return (distance < 0 ? -distance : distance) < limit;
}

function noseDistance(h: HeadShape, ax: number, y: number, z: number): number {
  const ridge = capsule(
    ax,
    y - h.noseTopY,
    z - 0.68,
    0,
    h.noseTipY - h.noseTopY,
    h.noseZ - 0.68,
    h.noseBridge,
    h.noseTip,
  );
  const wing = ellipsoid(ax - h.noseWingX, y - h.noseTipY + 0.02, z - 0.655 - h.noseZ * 0.11, 0.06, 0.055, 0.08);
  return smoothMin(ridge, wing, 0.05);
}

/** Both lips; also tells the shader where lip colour belongs. */
export function lipDistance(h: HeadShape, ax: number, y: number, z: number): number {
  const cornerY = h.mouthCornerY;
  const upperY = h.mouthY + h.lip * 0.55;
  const lowerY = h.mouthY - h.lip * 0.9;
  const upper = capsule(ax, y - upperY, z - 0.785, h.mouthW, cornerY - upperY, -0.115, h.lip, 0.015);
  const lower = capsule(ax, y - lowerY, z - 0.77, h.mouthW, cornerY - 0.005 - lowerY, -0.1, h.lip * 1.15, 0.015);
  return Math.min(upper, lower);
}

/** How far `y` lies outside the opening between the lids; negative in the opening. */
export function lidGap(h: HeadShape, ax: number, y: number): number {
  const u = (ax - h.eyeX) / (h.eyeR * 1.15);
  const opening = u * u < 1 ? h.eyeGap * Math.sqrt(1 - u * u) : 0;
  const v = y - h.eyeY - (ax - h.eyeX) * h.eyeTilt;
  return (v < 0 ? -v : v) - opening;
}

function lidDistance(h: HeadShape, ax: number, y: number, z: number): number {
  const ball = ellipsoid(ax - h.eyeX, y - h.eyeY, z - 0.6, h.eyeR, h.eyeR, h.eyeR);
  return lidGap(h, ax, y) >= 0 ? ball - 0.015 : 1;
}

/** The eyeball where the lids leave it open. */
export function eyeDistance(h: HeadShape, ax: number, y: number, z: number): number {
  if (lidGap(h, ax, y) >= 0) return 1e3;
  const dx = ax - h.eyeX;
  const dy = y - h.eyeY;
  const dz = z - 0.6;
  return Math.sqrt(dx * dx + dy * dy + dz * dz) - h.eyeR;
}

/** Hair is not looked at closely where it is further away than `enough`; the answer is then some distance beyond that. */
export function hairDistance(h: HeadShape, x: number, y: number, z: number, enough = Number.POSITIVE_INFINITY): number {
  const ax = x < 0 ? -x : x;
  let shell = ellipsoid(x, y - 0.2, z + 0.13, h.hairW, h.hairH, h.hairD);
  const plain = h.curtainLength === 0 && h.bun === 0;
  if (plain && shell > 0.35) return shell - 0.1;
  if (plain && shell - h.hairWave > enough) return enough;
  // The hairline runs over the forehead, down before the ears and back to the nape.
  const temple = ax - 0.42;
  const front = h.hairLine + h.hairSlant * x + h.hairTemple * Math.max(0, 1 - 14 * temple * temple);
  const side = h.hairSide + (h.hairNape - h.hairSide) * smoothstep(-0.08, -0.4, z);
  const line = side + (front - side) * smoothstep(0.12, 0.46, z);
  // Combed back from the forehead, hair starts thin.
  if (plain && (line - y) * 0.65 > enough) return enough;
  shell += h.hairTaper * (1 - smoothstep(line - 0.02, line + 0.3, y)) * smoothstep(0.1, 0.4, z);
  if (shell < 0.15) {
    const wave =
      h.hairWave > 0.03
        ? Math.sin(x * 17) * Math.sin(y * 16 + 1) * Math.sin(z * 17)
        : Math.sin(x * 31 + 2 * Math.sin(y * 7)) * Math.sin(z * 27 + y * 5);
    shell += h.hairWave * wave;
  }
  let d = smoothMax(shell, (line - y) * 0.65, 0.06);
  if (h.curtainLength > 0) {
    const middle = 0.2 - h.curtainLength * 0.75;
    const curtain = ellipsoid(ax - h.skullW * 0.93, y - middle, z + 0.1, 0.19, h.curtainLength, 0.36);
    const back = ellipsoid(x, y - middle - 0.1, z + 0.42, h.skullW + 0.05, h.curtainLength, 0.38);
    const strands = ax > 0.4 ? 0.018 * Math.sin(z * 34 + 1.5 * Math.sin(y * 5)) : 0;
    d = smoothMin(d, Math.min(curtain, back) + strands, 0.1);
  }
  if (h.bun > 0) d = smoothMin(d, ellipsoid(x, y - 0.95, z + 0.5, h.bun, h.bun * 0.9, h.bun), 0.08);
  return d;
}

export function glassesDistance(h: HeadShape, ax: number, y: number, z: number): number {
  const gx = (ax - h.eyeX - 0.01) / 1.2;
  const gy = y - h.eyeY + 0.02;
  const radius = Math.sqrt(gx * gx + gy * gy) - 0.185;
  const depth = z - 0.8;
  const ring = Math.sqrt(radius * radius + depth * depth) - 0.016;
  const bridge = capsule(ax, y - h.eyeY - 0.02, z - 0.83, 0.09, 0, -0.01, 0.014, 0.014);
  const temple = capsule(
    ax - h.eyeX - 0.22,
    y - h.eyeY - 0.04,
    z - 0.78,
    h.skullW + 0.03 - h.eyeX - 0.22,
    0,
    -0.78,
    0.017,
    0.017,
  );
  return Math.min(ring, bridge, temple);
}

/** Distance from p to the capsule that starts at the origin and ends at b, its radius going from `r0` to `r1`. */
function capsule(
  px: number,
  py: number,
  pz: number,
  bx: number,
  by: number,
  bz: number,
  r0: number,
  r1: number,
): number {
  const t = clamp((px * bx + py * by + pz * bz) / (bx * bx + by * by + bz * bz), 0, 1);
  const dx = px - bx * t;
  const dy = py - by * t;
  const dz = pz - bz * t;
  return Math.sqrt(dx * dx + dy * dy + dz * dz) - (r0 + (r1 - r0) * t);
}
