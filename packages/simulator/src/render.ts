import { headColour, surfaces } from './head-colour.ts';
import { headDistance } from './head-sdf.ts';
import type { HeadShape } from './head-shape.ts';
import { coveringRectangle, type Layer, type Rectangle } from './layer.ts';
import type { Colour } from './person.ts';
import { clamp } from './scalar.ts';

/** Radians. Yaw > 0 turns the face to the right of the picture, pitch > 0 downwards, roll > 0 anticlockwise. */
export interface HeadPose {
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

/** Where the head's origin appears and how big one head unit is there, in pixels; `distance` to the camera in head units. */
export interface HeadPlacement {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly distance: number;
}

export interface DirectionalLight {
  /** Towards the light, in view coordinates: x right, y up, z towards the camera. Any length but 0. */
  readonly direction: readonly [number, number, number];
  readonly colour: Colour;
}

export interface Lighting {
  readonly key: DirectionalLight;
  /** A second light without cast shadows, e.g. the back light of a doorway. */
  readonly rim: DirectionalLight;
  /** Ambient light from above and from below. */
  readonly sky: Colour;
  readonly ground: Colour;
}

const mostSteps = 56;
/** Head, hair and neck lie within this box around the head's origin, whatever the pose (head units). */
const reach = { side: 1.45, above: 1.5, below: 1.75 } as const;

/** Columns of the matrix that carries view coordinates into head coordinates. */
export function viewToHead(pose: HeadPose, out = new Float64Array(9)): Float64Array {
  const [cy, sy] = [Math.cos(pose.yaw), Math.sin(pose.yaw)];
  const [cp, sp] = [Math.cos(pose.pitch), Math.sin(pose.pitch)];
  const [cr, sr] = [Math.cos(pose.roll), Math.sin(pose.roll)];
  // roll, then pitch, then yaw undone: each column is where one view axis ends up
  const column = (x: number, y: number, z: number, at: number) => {
    const x1 = cr * x + sr * y;
    const y1 = -sr * x + cr * y;
    const y2 = cp * y1 + sp * z;
    const z2 = -sp * y1 + cp * z;
    out[at] = cy * x1 - sy * z2;
    out[at + 1] = y2;
    out[at + 2] = sy * x1 + cy * z2;
  };
  column(1, 0, 0, 0);
  column(0, 1, 0, 3);
  column(0, 0, 1, 6);
  return out;
}

const matrix = new Float64Array(9);
const albedo = new Float64Array(3);
const key = new Float64Array(3);
const rim = new Float64Array(3);

/**
 * Ray-marches one head into `layer` (which must be clear there): colours multiplied by coverage, in linear light.
 * Only the head's box is visited. One ray a pixel; silhouettes are smoothed by how close a ray passes.
 *
 * @returns the pixels that may have been touched.
 */
export function renderHead(
  shape: HeadShape,
  pose: HeadPose,
  place: HeadPlacement,
  light: Lighting,
  layer: Layer,
): Rectangle {
  const { x: originX, y: originY, scale, distance } = place;
  const box = coveringRectangle(
    layer,
    originX - reach.side * scale,
    originY - reach.above * scale,
    originX + reach.side * scale,
    originY + reach.below * scale,
  );
  viewToHead(pose, matrix);
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = matrix as unknown as readonly number[] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  intoHead(light.key.direction, key);
  intoHead(light.rim.direction, rim);
  const eyeX = m6 * distance;
  const eyeY = m7 * distance;
  const eyeZ = m8 * distance;
  const pixel = 1 / scale;
  const bound = shape.boundRadius;
  const { data, width } = layer;

  for (let row = box.top; row < box.bottom; row++) {
    const v = (originY - row - 0.5) / (scale * distance);
    for (let column = box.left; column < box.right; column++) {
      const u = (column + 0.5 - originX) / (scale * distance);
      const norm = 1 / Math.sqrt(u * u + v * v + 1);
      const dx = (m0 * u + m3 * v - m6) * norm;
      const dy = (m1 * u + m4 * v - m7) * norm;
      const dz = (m2 * u + m5 * v - m8) * norm;

      // Where the ray is inside the ellipsoid around head and neck, see boundingSpan.
      const ex = eyeX / bound;
      const ey = (eyeY + 0.225) / (bound + 0.53);
      const ez = (eyeZ + 0.1) / bound;
      const fx = dx / bound;
      const fy = dy / (bound + 0.53);
      const fz = dz / bound;
      const a = fx * fx + fy * fy + fz * fz;
      const b = ex * fx + ey * fy + ez * fz;
      const discriminant = b * b - a * (ex * ex + ey * ey + ez * ez - 1.12);
      if (discriminant <= 0) continue;
      const root = Math.sqrt(discriminant);
      let t = (-b - root) / a;
      const end = (-b + root) / a;

      // Over-relaxed marching: longer steps than the distance allows, taken back when two steps' spheres do not touch.
      let relax = 1.3;
      let step = 0;
      let previous = 0;
      let nearest = 1e9;
      let nearestT = t;
      let hit = false;
      for (let k = 0; k < mostSteps && t < end; k++) {
        const d = headDistance(shape, eyeX + dx * t, eyeY + dy * t, eyeZ + dz * t) * 0.9;
        if (relax > 1 && d + previous < step) {
          t -= step - step / relax;
          step = step / relax;
          relax = 1;
          continue;
        }
        if (d < nearest) {
          nearest = d;
          nearestT = t;
        }
        if (d < pixel * 0.12) {
          hit = true;
          break;
        }
        step = d * relax;
        previous = d;
        t += step;
      }
      // A ray that ran out of steps creeps along the surface: it counts as a hit.
      if (t < end && nearest < pixel) hit = true;
      const coverage = hit ? 1 : clamp(1 - nearest / pixel, 0, 1);
      if (coverage <= 0.02) continue;
      shade(shape, eyeX + dx * nearestT, eyeY + dy * nearestT, eyeZ + dz * nearestT, dx, dy, dz, pixel, light);
      const at = (row * width + column) * 4;
      data[at] = (shaded[0] ?? 0) * coverage;
      data[at + 1] = (shaded[1] ?? 0) * coverage;
      data[at + 2] = (shaded[2] ?? 0) * coverage;
      data[at + 3] = coverage;
    }
  }
  return box;
}

function intoHead(direction: readonly [number, number, number], out: Float64Array): void {
  const [x, y, z] = direction;
  const norm = 1 / (Math.hypot(x, y, z) || 1);
  for (let i = 0; i < 3; i++)
    out[i] = ((matrix[i] ?? 0) * x + (matrix[3 + i] ?? 0) * y + (matrix[6 + i] ?? 0) * z) * norm;
}

const shaded = new Float64Array(3);

function shade(
  h: HeadShape,
  x: number,
  y: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
  pixel: number,
  light: Lighting,
): void {
  // Gradient from four points of a tetrahedron, as wide as the pixel so that detail below it does not glitter.
  const e = Math.max(0.004, pixel * 0.4);
  const d0 = headDistance(h, x + e, y - e, z - e);
  const d1 = headDistance(h, x - e, y - e, z + e);
  const d2 = headDistance(h, x - e, y + e, z - e);
  const d3 = headDistance(h, x + e, y + e, z + e);
  let nx = d0 - d1 - d2 + d3;
  let ny = -d0 - d1 + d2 + d3;
  let nz = -d0 + d1 - d2 + d3;
  const norm = 1 / (Math.sqrt(nx * nx + ny * ny + nz * nz) || 1);
  nx *= norm;
  ny *= norm;
  nz *= norm;
  const surface = headColour(h, x, y, z, albedo);

  const near = headDistance(h, x + nx * 0.06, y + ny * 0.06, z + nz * 0.06) / 0.06;
  const far = headDistance(h, x + nx * 0.2, y + ny * 0.2, z + nz * 0.2) / 0.2;
  const open = clamp(0.25 + 0.35 * near + 0.4 * far, 0.15, 1);

  const kx = key[0] ?? 0;
  const ky = key[1] ?? 0;
  const kz = key[2] ?? 0;
  const facing = nx * kx + ny * ky + nz * kz;
  let shadow = 1;
  if (facing > -0.3) {
    // Soft self-shadow: brow over eyes, nose over lips, chin over neck.
    for (let k = 1, s = 0.07; k <= 4; k++, s *= 1.75) {
      const d = headDistance(h, x + nx * 0.03 + kx * s, y + ny * 0.03 + ky * s, z + nz * 0.03 + kz * s);
      const lit = 0.5 + (5 * d) / s / 2;
      if (lit < shadow) shadow = Math.max(lit, 0);
    }
  }
  const wrap = surface === surfaces.skin ? 0.22 : 0.08;
  const diffuse = clamp((facing + wrap) / (1 + wrap), 0, 1);
  const rimFacing = clamp(nx * (rim[0] ?? 0) + ny * (rim[1] ?? 0) + nz * (rim[2] ?? 0), 0, 1);
  const up = ny * 0.5 + 0.5;

  const hx = kx - dx;
  const hy = ky - dy;
  const hz = kz - dz;
  const half = clamp((nx * hx + ny * hy + nz * hz) / (Math.sqrt(hx * hx + hy * hy + hz * hz) || 1), 0, 1);
  const gloss =
    surface === surfaces.eye ? 0.5 * half ** 60 : surface === surfaces.hair ? 0.1 * half ** 14 : 0.07 * half ** 18;
  const edge = 1 - clamp(-(nx * dx + ny * dy + nz * dz), 0, 1);
  const rimGloss = rimFacing * edge * edge * 0.5;

  for (let i = 0; i < 3; i++) {
    // Light that enters the skin comes out redder where the surface turns away.
    const bleed = surface === surfaces.skin && i === 0 ? 0.07 * (1 - diffuse) * shadow : 0;
    const keyed = (light.key.colour[i] ?? 0) * shadow;
    const ambient = ((light.sky[i] ?? 0) * up + (light.ground[i] ?? 0) * (1 - up)) * open;
    const rimmed = (light.rim.colour[i] ?? 0) * (rimFacing * 0.6 + rimGloss);
    shaded[i] = (albedo[i] ?? 0) * (keyed * (diffuse + bleed) + ambient + rimmed) + keyed * gloss * diffuse;
  }
}
