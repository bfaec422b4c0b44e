import { type CameraSpec, project } from '../camera.ts';
import { coveringRectangle, type Layer, type Rectangle } from '../layer.ts';
import type { Colour } from '../person.ts';
import { valueNoise } from '../scalar.ts';
import { type Cone, conesOf, type Posture } from './parts.ts';
import type { Pattern, Pedestrian } from './pedestrian.ts';

/** Light on a pedestrian: a direction towards the sun (x right, y up, z to the camera; length 1), and colours. */
export interface YardLight {
  readonly towards: readonly [number, number, number];
  readonly sun: Colour;
  readonly sky: Colour;
}

/**
 * Paints a whole person into `layer`, whose colours are linear light multiplied by coverage. Shaded cones, not marched
 * surfaces: a re-identification model sees bodies about a hundred pixels high.
 *
 * @returns the pixels that may have been touched.
 */
export function paintPedestrian(
  layer: Layer,
  camera: CameraSpec,
  of: { readonly pedestrian: Pedestrian; readonly posture: Posture; readonly light: YardLight },
): Rectangle {
  let box: Rectangle = { left: layer.width, top: layer.height, right: 0, bottom: 0 };
  for (const cone of conesOf(of.pedestrian, of.posture)) {
    const touched = paintCone(layer, camera, cone, { light: of.light, seed: of.pedestrian.seed % 97 });
    box = {
      left: Math.min(box.left, touched.left),
      top: Math.min(box.top, touched.top),
      right: Math.max(box.right, touched.right),
      bottom: Math.max(box.bottom, touched.bottom),
    };
  }
  return box;
}

function paintCone(
  layer: Layer,
  camera: CameraSpec,
  cone: Cone,
  { light, seed }: { light: YardLight; seed: number },
): Rectangle {
  const a = project(camera, ...cone.from);
  const b = project(camera, ...cone.to);
  if (a.depth < 0.5 || b.depth < 0.5) return { left: layer.width, top: layer.height, right: 0, bottom: 0 };
  const ra = cone.radiusFrom * a.scale;
  const rb = cone.radiusTo * b.scale;
  const box = coveringRectangle(
    layer,
    Math.min(a.x - ra, b.x - rb) - 1,
    Math.min(a.y - ra, b.y - rb) - 1,
    Math.max(a.x + ra, b.x + rb) + 1,
    Math.max(a.y + ra, b.y + rb) + 1,
  );
  const bx = b.x - a.x;
  const by = b.y - a.y;
  const inverse = 1 / (bx * bx + by * by || 1);
  const metres = 1 / a.scale;
  const { data, width } = layer;
  const { colour, accent, pattern, round } = cone;
  const [lx, ly, lz] = light.towards;
  for (let row = box.top; row < box.bottom; row++) {
    const py = row + 0.5 - a.y;
    for (let column = box.left; column < box.right; column++) {
      const px = column + 0.5 - a.x;
      const along = Math.min(Math.max((px * bx + py * by) * inverse, 0), 1);
      const dx = px - bx * along;
      const dy = py - by * along;
      const radius = ra + (rb - ra) * along;
      const r = Math.sqrt(dx * dx + dy * dy);
      if (r > radius + 0.5) continue;
      const coverage = r < radius - 0.5 ? 1 : radius + 0.5 - r;
      const nx = (dx / Math.max(radius, 0.5)) * round;
      const ny = (-dy / Math.max(radius, 0.5)) * round;
      const flat = nx * nx + ny * ny;
      const nz = flat < 1 ? Math.sqrt(1 - flat) : 0;
      const facing = nx * lx + ny * ly + nz * lz;
      const diffuse = facing > -0.2 ? (facing + 0.2) / 1.2 : 0;
      const cloth = pattern !== null && isAccent(pattern, px * metres, py * metres) ? accent : colour;
      // Folds hang on the body, stretched downwards.
      const fold = 0.8 + 0.28 * valueNoise(px * metres * 19 + seed, py * metres * 6, seed);
      const open = 0.72 + 0.28 * ny;
      const at = (row * width + column) * 4;
      const kept = 1 - coverage;
      for (let i = 0; i < 3; i++) {
        const lit = light.sun[i]! * diffuse + light.sky[i]! * open;
        data[at + i] = data[at + i]! * kept + cloth[i]! * fold * lit * coverage;
      }
      data[at + 3] = data[at + 3]! * kept + coverage;
    }
  }
  return box;
}

/** Where the second colour of a pattern shows: metres to the right of and below the shoulder. */
function isAccent(pattern: Pattern, right: number, down: number): boolean {
  switch (pattern) {
    case 'plain':
      return false;
    case 'hoops':
      return (down * 9 + 40) % 1 < 0.45;
    case 'stripes':
      return (right * 13 + 40) % 1 < 0.4;
    case 'checks':
      return (down * 7 + 40) % 1 < 0.5 !== (right * 7 + 40) % 1 < 0.5;
    case 'yoke':
      return down < 0.1;
    case 'panel':
      return down > 0.12 && down < 0.3;
  }
}
