import { type CameraSpec, project } from './camera.ts';
import { coveringRectangle, type Layer, type Rectangle } from './layer.ts';
import type { Colour, Person } from './person.ts';
import { valueNoise } from './scalar.ts';
import type { Stance } from './walk.ts';

/** Light on a body: a direction in the picture plane (x right, y up, z to the camera), and colours. */
export interface BodyLight {
  readonly key: readonly [number, number, number];
  readonly keyColour: Colour;
  readonly rim: readonly [number, number, number];
  readonly rimColour: Colour;
  readonly ambient: Colour;
}

/** A limb or a part of the trunk: a rounded cone between two points of the world, flat on the screen, lit as if round. */
interface Part {
  readonly from: readonly [number, number, number];
  readonly to: readonly [number, number, number];
  readonly radiusFrom: number;
  readonly radiusTo: number;
  readonly colour: Colour;
  /** 0 shaded as a round limb .. 1 as a flat front: chests are broad, not round. */
  readonly flatness: number;
  /** Nearer parts are painted later. */
  readonly order: number;
}

/**
 * Paints the body below the head, far parts first. Bodies are for plausibility and occlusion; nothing is learnt from them, so
 * they are shaded cones rather than marched surfaces.
 *
 * @returns the pixels that may have been touched.
 */
export function renderBody(
  layer: Layer,
  camera: CameraSpec,
  person: Person,
  stance: Stance,
  light: BodyLight,
): Rectangle {
  let box: Rectangle = { left: layer.width, top: layer.height, right: 0, bottom: 0 };
  const parts = bodyParts(person, stance).sort((a, b) => a.order - b.order);
  for (const part of parts) {
    const touched = paintPart(layer, camera, part, person.seed % 251, light);
    box = {
      left: Math.min(box.left, touched.left),
      top: Math.min(box.top, touched.top),
      right: Math.max(box.right, touched.right),
      bottom: Math.max(box.bottom, touched.bottom),
    };
  }
  return box;
}

function bodyParts(person: Person, stance: Stance): Part[] {
  const { x, z, headY, heading, step, stride } = stance;
  const b = person.build;
  // Right-hand side of the walker as seen in the picture, and the way forward (towards smaller z at heading 0).
  const [rx, rz] = [Math.cos(heading), Math.sin(heading)];
  const [fx, fz] = [Math.sin(heading), -Math.cos(heading)];
  const at = (side: number, height: number, forward: number): [number, number, number] => [
    x + rx * side + fx * forward,
    height,
    z + rz * side + fz * forward,
  ];
  const neck = headY - 0.138;
  const shoulder = headY - 0.235;
  const hip = headY * 0.56;
  const knee = headY * 0.3;
  const parts: Part[] = [];
  const add = (
    from: Part['from'],
    to: Part['to'],
    radii: readonly [number, number],
    look: { colour: Colour; order: number; flatness?: number },
  ) => parts.push({ from, to, radiusFrom: radii[0], radiusTo: radii[1], flatness: 0.25, ...look });
  const swing = 0.24 * stride * Math.sin(step);
  const nearSide = rz < 0 ? 1 : -1; // the side of the body that is closer to the camera
  for (const side of [-1, 1]) {
    const s = side * swing;
    const order = side === nearSide ? 1 : 0;
    const legTop = at(side * 0.09 * b, hip, 0);
    const legMiddle = at(side * 0.1 * b, knee, s * 0.7);
    const cloth = { colour: person.trousers, order };
    add(legTop, legMiddle, [0.1 * b, 0.072], cloth);
    add(legMiddle, at(side * 0.1 * b, 0.06, s * 1.3 - 0.05), [0.072, 0.055], cloth);
    const elbow = at(side * 0.23 * b, shoulder - 0.29, -s * 0.55);
    const wrist = at(side * 0.235 * b, shoulder - 0.53, -s * 1.1 + 0.06);
    const sleeve = side === nearSide ? 5 : 1.5;
    add(at(side * 0.188 * b, shoulder - 0.03, 0), elbow, [0.062 * b, 0.05], { colour: person.top, order: sleeve });
    add(elbow, wrist, [0.049, 0.036], { colour: person.top, order: sleeve + 0.1 });
    add(wrist, at(side * 0.235 * b, shoulder - 0.62, -s * 1.3 + 0.08), [0.034, 0.036], {
      colour: person.skin,
      order: sleeve + 0.2,
    });
    const chest = { colour: person.top, order: 3, flatness: 0.72 };
    add(at(side * 0.085 * b, shoulder - 0.13, 0), at(side * 0.068 * b, hip, 0), [0.118 * b, 0.112 * b], chest);
    // From the neck the shoulders fall away.
    add(at(side * 0.03, neck - 0.045, -0.01), at(side * 0.18 * b, shoulder - 0.02, 0), [0.045, 0.064 * b], {
      ...chest,
      order: 3.2,
    });
    add(at(side * 0.045 * b, neck - 0.1, 0), at(side * 0.13 * b, shoulder - 0.08, 0), [0.05, 0.075 * b], {
      ...chest,
      order: 3.1,
    });
  }
  add(at(0, shoulder - 0.09, 0.01), at(0, hip + 0.02, 0.01), [0.12 * b, 0.11 * b], {
    colour: person.top,
    order: 3.15,
    flatness: 0.72,
  });
  add(at(-0.05, neck - 0.045, 0.015), at(0.05, neck - 0.045, 0.015), [0.034, 0.034], {
    colour: person.top,
    order: 3.3,
    flatness: 0.5,
  });
  return parts;
}

function paintPart(layer: Layer, camera: CameraSpec, part: Part, seed: number, light: BodyLight): Rectangle {
  const a = project(camera, ...part.from);
  const b = project(camera, ...part.to);
  if (a.depth < 0.3 || b.depth < 0.3) return { left: layer.width, top: layer.height, right: 0, bottom: 0 };
  const ra = part.radiusFrom * a.scale;
  const rb = part.radiusTo * b.scale;
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
  const { data, width } = layer;
  const round = 1 - 0.75 * part.flatness;
  const [kx, ky, kz] = light.key;
  const [mx, my, mz] = light.rim;
  for (let row = box.top; row < box.bottom; row++) {
    const py = row + 0.5 - a.y;
    for (let column = box.left; column < box.right; column++) {
      const px = column + 0.5 - a.x;
      let t = (px * bx + py * by) * inverse;
      t = Math.min(Math.max(t, 0), 1);
      const dx = px - bx * t;
      const dy = py - by * t;
      const radius = ra + (rb - ra) * t;
      const r = Math.sqrt(dx * dx + dy * dy);
      if (r > radius + 0.5) continue;
      const coverage = r < radius - 0.5 ? 1 : radius + 0.5 - r;
      const nx = (dx / radius) * round;
      const ny = (-dy / radius) * round;
      const flat = nx * nx + ny * ny;
      const nz = flat < 1 ? Math.sqrt(1 - flat) : 0;
      const facing = nx * kx + ny * ky + nz * kz;
      const diffuse = facing > -0.15 ? (facing + 0.15) / 1.15 : 0;
      const edge = Math.max(0, nx * mx + ny * my + nz * mz);
      // Folds: noise that hangs on the body, stretched along the part.
      const fold = 0.78 + 0.3 * valueNoise((px / a.scale) * 22 + seed, (py / a.scale) * 7, seed);
      const at = (row * width + column) * 4;
      for (let i = 0; i < 3; i++) {
        const lit =
          (light.keyColour[i] ?? 0) * diffuse +
          (light.ambient[i] ?? 0) * (0.7 + 0.3 * ny) +
          (light.rimColour[i] ?? 0) * edge * 0.5;
        const value = (part.colour[i] ?? 0) * fold * lit;
        data[at + i] = (data[at + i] ?? 0) * (1 - coverage) + value * coverage;
      }
      data[at + 3] = (data[at + 3] ?? 0) * (1 - coverage) + coverage;
    }
  }
  return box;
}
