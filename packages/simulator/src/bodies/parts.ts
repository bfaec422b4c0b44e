import type { Colour } from '../person.ts';
import type { Pattern, Pedestrian } from './pedestrian.ts';

/** A pedestrian at one moment. */
export interface Posture {
  /** Metres on the ground, see camera.ts. */
  readonly x: number;
  readonly z: number;
  /** Radians: 0 walks towards the camera, positive to the right of the picture, pi away from it. */
  readonly heading: number;
  /** Phase of the steps, radians, and how wide they are, 0 standing .. 1 walking. */
  readonly step: number;
  readonly stride: number;
}

export type Spot = readonly [number, number, number];

/** A rounded cone between two points of the world, in one cloth; it is painted flat and lit as if round. */
export interface Cone {
  readonly from: Spot;
  readonly to: Spot;
  readonly radiusFrom: number;
  readonly radiusTo: number;
  readonly colour: Colour;
  /** Drawn onto the cloth; null = one colour. `round`: 0 a broad front .. 1 a limb. */
  readonly pattern: Pattern | null;
  readonly accent: Colour;
  readonly round: number;
  /** Nearer cones are painted later. */
  readonly order: number;
}

const quarter = Math.PI / 2;

/** The cones of a body from the shoes up, in painting order. */
export function conesOf(p: Pedestrian, posture: Posture): Cone[] {
  const { x, z, heading, step, stride } = posture;
  const [rx, rz] = [Math.cos(heading), Math.sin(heading)];
  const [fx, fz] = [Math.sin(heading), -Math.cos(heading)];
  // Seen by the camera at the origin: who walks at the picture's edge is seen from the side a little.
  const seen = heading + Math.atan2(x, z);
  const facing = Math.cos(seen);
  const bounce = 0.016 * stride * p.gait.stride * Math.cos(2 * step);
  const h = p.height;
  const lean = Math.tan(p.gait.lean) * stride;
  const at = (side: number, up: number, forward: number): Spot => {
    const ahead = forward + Math.max(0, up - 0.5 * h) * lean;
    return [x + rx * side + fx * ahead, up + bounce, z + rz * side + fz * ahead];
  };
  const b = p.build;
  const [hip, knee, shoulder, neck] = [0.5 * h, 0.27 * h, 0.81 * h, 0.855 * h];
  const shoulders = 0.175 * b * Math.sqrt(p.taper);
  const hips = (0.105 * b) / Math.sqrt(p.taper);
  const cones: Cone[] = [];
  const add = (from: Spot, to: Spot, radii: readonly [number, number], look: Partial<Cone> & { colour: Colour }) =>
    cones.push({
      from,
      to,
      radiusFrom: radii[0],
      radiusTo: radii[1],
      pattern: null,
      accent: p.topAccent,
      round: 0.75,
      order: 3,
      ...look,
    });
  const swing = 0.3 * stride * p.gait.stride * Math.sin(step);
  const arm = 0.26 * stride * p.gait.swing * Math.sin(step);
  // The side of the body that is nearer to the camera is painted over the other.
  const near = Math.sin(seen) > 0 ? -1 : 1;
  for (const side of [-1, 1]) {
    const order = side === near ? 2 : 1;
    const s = side * swing;
    const bend = 0.09 * stride * Math.max(0, Math.sin(side * step + quarter));
    const kneeAt = at(side * hips * 0.95, knee, s * 0.62 + bend * 0.6);
    const foot = at(side * hips * 0.95, 0.055 + 0.5 * bend, s * 1.25 - bend);
    const bare = p.legWear !== 'trousers';
    add(at(side * hips, hip, 0), kneeAt, [0.094 * b, 0.064 * b], {
      colour: p.legWear === 'skirt' ? p.skin : p.legs,
      order,
    });
    add(kneeAt, foot, [bare ? 0.056 * b : 0.066 * b, bare ? 0.04 : 0.052], {
      colour: bare ? p.skin : p.legs,
      order: order + 0.1,
    });
    add(foot, at(side * hips * 0.98, 0.045 + 0.4 * bend, s * 1.25 - bend + 0.14), [0.052, 0.045], {
      colour: p.shoes,
      order: order + 0.2,
    });
    const armOrder = side === near ? 5.5 : 1.5;
    const elbow = at(side * (shoulders + 0.035), shoulder - 0.17 * h, -side * arm * 0.55);
    const wrist = at(side * (shoulders + 0.03), shoulder - 0.31 * h, -side * arm * 1.25 + 0.05);
    add(at(side * shoulders, shoulder - 0.015 * h, 0), elbow, [0.06 * b, 0.05 * b], { colour: p.top, order: armOrder });
    add(elbow, wrist, [0.045 * b, 0.036], { colour: p.longSleeves ? p.top : p.skin, order: armOrder + 0.1 });
    add(wrist, at(side * (shoulders + 0.03), shoulder - 0.345 * h, -side * arm * 1.4 + 0.07), [0.036, 0.034], {
      colour: p.skin,
      order: armOrder + 0.2,
    });
    // Each half of the trunk by itself keeps the front broad and the side narrow.
    add(
      at(side * shoulders * 0.56, shoulder - 0.03 * h, 0),
      at(side * hips * 0.75, hip - 0.015 * h, 0),
      [0.112 * b, 0.1 * b],
      {
        colour: p.top,
        pattern: p.pattern,
        round: 0.4,
        order: 4,
      },
    );
  }
  add(at(-shoulders * 0.86, shoulder, 0), at(shoulders * 0.86, shoulder, 0), [0.058 * b, 0.058 * b], {
    colour: p.pattern === 'yoke' ? p.topAccent : p.top,
    round: 0.5,
    order: 4.2,
  });
  if (p.coat > 0.3) {
    const hem = hip - p.coat * (hip - knee);
    add(at(0, hip + 0.02, 0), at(0, hem, 0), [0.15 * b, 0.17 * b], { colour: p.top, round: 0.5, order: 3.6 });
  }
  if (p.legWear === 'skirt') {
    add(at(0, hip, 0), at(0, knee + 0.06, 0), [0.13 * b, 0.18 * b], { colour: p.legs, round: 0.5, order: 3.4 });
  }
  addBag(p, { add, at, facing, shoulder, hip, shoulders });
  add(at(0, neck - 0.02, 0.01), at(0, neck + 0.03, 0.015), [0.052, 0.05], { colour: p.skin, order: 4.4 });
  addHead(p, { add, at, facing, crown: h });
  return cones.sort((a, b2) => a.order - b2.order);
}

interface Drawing {
  readonly add: (
    from: Spot,
    to: Spot,
    radii: readonly [number, number],
    look: Partial<Cone> & { colour: Colour },
  ) => void;
  readonly at: (side: number, up: number, forward: number) => Spot;
  /** 1 seen from the front .. -1 seen from behind. */
  readonly facing: number;
}

function addBag(p: Pedestrian, d: Drawing & { shoulder: number; hip: number; shoulders: number }): void {
  const { add, at, facing, shoulder, hip, shoulders } = d;
  const look = { colour: p.bagColour, round: 0.35 };
  if (p.bag === 'backpack') {
    const order = facing > 0.25 ? 0.5 : 5;
    add(at(0, shoulder - 0.02, -0.19), at(0, hip + 0.1, -0.2), [0.13, 0.14], { ...look, order });
    if (facing > 0.1) {
      for (const side of [-1, 1])
        add(
          at(side * shoulders * 0.62, shoulder, 0.11),
          at(side * shoulders * 0.66, shoulder - 0.24, 0.12),
          [0.024, 0.024],
          {
            ...look,
            order: 4.6,
          },
        );
    }
  } else if (p.bag === 'shoulder') {
    const order = 5;
    add(at(shoulders * 0.7, shoulder + 0.02, 0.06), at(-shoulders * 1.05, hip + 0.06, 0.08), [0.018, 0.018], {
      ...look,
      order,
    });
    add(at(-shoulders * 1.12, hip + 0.06, 0), at(-shoulders * 1.12, hip - 0.12, 0), [0.1, 0.11], {
      ...look,
      order: 5.2,
    });
  } else if (p.bag === 'case') {
    add(at(shoulders + 0.06, hip - 0.1, 0.05), at(shoulders + 0.06, hip - 0.3, 0.05), [0.1, 0.1], {
      ...look,
      order: 5.7,
    });
  }
}

function addHead(p: Pedestrian, { add, at, facing, crown }: Drawing & { crown: number }): void {
  const r = 0.088;
  const centre = crown - 0.115;
  add(at(0, centre - 0.035, 0.02), at(0, centre + 0.02, 0.01), [r * 0.86, r], { colour: p.skin, order: 6 });
  const hair = { colour: p.hair, round: 0.8 };
  const behind = facing < 0.1;
  if (p.headWear === 'bald') return;
  if (p.headWear === 'hood' || p.headWear === 'cap') {
    const cloth = { colour: p.headWear === 'hood' ? p.top : p.topAccent, round: 0.8, order: 6.4 };
    add(at(0, centre + 0.03, behind ? 0 : -0.03), at(0, centre + 0.06, -0.01), [r * 1.08, r * 0.98], cloth);
    if (p.headWear === 'cap') add(at(-0.03, centre + 0.055, 0.1), at(0.03, centre + 0.055, 0.1), [0.024, 0.024], cloth);
    else if (behind) add(at(0, centre - 0.05, -0.02), at(0, centre + 0.03, -0.02), [r * 1.1, r * 1.1], cloth);
    return;
  }
  add(at(0, centre + 0.045, -0.02), at(0, centre + 0.06, 0), [r * 1.02, r * 0.9], { ...hair, order: 6.3 });
  if (behind) add(at(0, centre - 0.01, -0.03), at(0, centre + 0.04, -0.02), [r * 1.02, r], { ...hair, order: 6.2 });
  if (p.headWear === 'long') {
    const order = behind ? 6.5 : 5.9;
    add(at(0, centre, -0.04), at(0, centre - 0.2, -0.05), [r * 1.1, r * 0.9], { ...hair, order });
  } else if (p.headWear === 'bun') {
    add(at(0, centre + 0.07, -0.09), at(0, centre + 0.075, -0.1), [0.045, 0.045], {
      ...hair,
      order: behind ? 6.5 : 5.9,
    });
  }
}
