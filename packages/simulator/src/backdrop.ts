import { rayThrough } from './camera.ts';
import type { Panel } from './rooms.ts';
import type { Scenario } from './scenarios.ts';

/** The empty scene: linear-light RGB, and how far into the room (world z, metres) each pixel sees. */
export interface Backdrop {
  readonly colour: Float32Array;
  readonly depth: Float32Array;
}

interface Hit {
  readonly panel: Panel;
  readonly point: readonly [number, number, number];
}

/** Ray-casts the room of a scenario, four rays a pixel. */
export function renderBackdrop(scenario: Scenario): Backdrop {
  const { camera } = scenario;
  const { width, height } = camera;
  const colour = new Float32Array(width * height * 3);
  const depth = new Float32Array(width * height);
  const origin = [0, camera.elevation, 0] as const;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const at = row * width + column;
      let z = Number.POSITIVE_INFINITY;
      for (const [du, dv] of [
        [0.25, 0.25],
        [0.75, 0.25],
        [0.25, 0.75],
        [0.75, 0.75],
      ] as const) {
        const direction = rayThrough(camera, column + du, row + dv);
        const hit = cast(scenario.room, origin, direction);
        if (hit === null) continue;
        z = Math.min(z, hit.point[2]);
        const light = lit(scenario, hit, direction);
        for (let i = 0; i < 3; i++) colour[at * 3 + i] = (colour[at * 3 + i] ?? 0) + (light[i] ?? 0) / 4;
      }
      depth[at] = z;
    }
  }
  return { colour, depth };
}

const otherAxes = [
  [1, 2],
  [0, 2],
  [0, 1],
] as const;

function cast(room: readonly Panel[], origin: readonly number[], direction: readonly number[]): Hit | null {
  let nearest = Number.POSITIVE_INFINITY;
  let found: Hit | null = null;
  for (const panel of room) {
    const along = direction[panel.axis] ?? 0;
    if (along === 0) continue;
    const t = (panel.at - (origin[panel.axis] ?? 0)) / along;
    if (t < 1e-4 || t >= nearest) continue;
    const [a, b] = otherAxes[panel.axis];
    const u = (origin[a] ?? 0) + (direction[a] ?? 0) * t;
    const v = (origin[b] ?? 0) + (direction[b] ?? 0) * t;
    if (u < panel.from[0] || u > panel.to[0] || v < panel.from[1] || v > panel.to[1]) continue;
    nearest = t;
    const point = [0, 0, 0] as [number, number, number];
    point[panel.axis] = panel.at;
    point[a] = u;
    point[b] = v;
    found = { panel, point };
  }
  return found;
}

function lit(scenario: Scenario, hit: Hit, direction: readonly number[]): number[] {
  const { panel, point } = hit;
  const [a, b] = otherAxes[panel.axis];
  const paint = panel.paint(point[a], point[b]);
  if (panel.glows) return [...paint];
  const facing = (direction[panel.axis] ?? 0) > 0 ? -1 : 1;
  const light = [0, 1, 2].map((i) => (scenario.sky[i]! + scenario.ground[i]!) * 0.6);
  for (let lamps = 0; lamps <= scenario.lamps.length; lamps++) {
    const { at, colour } = scenario.lamps[lamps] ?? scenario.backLight;
    const squared = (at[0] - point[0]) ** 2 + (at[1] - point[1]) ** 2 + (at[2] - point[2]) ** 2;
    const cosine = Math.max(0, ((at[panel.axis] - point[panel.axis]) * facing) / Math.sqrt(squared));
    const strength = (cosine * 2.4) / (1 + squared * 0.55);
    for (let i = 0; i < 3; i++) light[i]! += colour[i]! * strength;
  }
  // Corners between floor and walls get less light.
  const corner = 0.7 + 0.3 * Math.min(1, panel.axis === 1 ? 1 : Math.abs(point[1]) / 0.4);
  const result = light.map((l, i) => l * corner * (paint[i] ?? 0));
  if (panel.polish !== undefined) {
    const mirrored = [...direction];
    mirrored[panel.axis] = -(mirrored[panel.axis] ?? 0);
    const seen = cast(
      scenario.room,
      point.map((p, i) => p + (mirrored[i] ?? 0) * 1e-3),
      mirrored,
    );
    if (seen !== null) {
      const other = seen.panel.paint(
        ...(otherAxes[seen.panel.axis].map((axis) => seen.point[axis]) as [number, number]),
      );
      const brightness = seen.panel.glows ? 1 : 0.5;
      for (let i = 0; i < 3; i++) result[i] = (result[i] ?? 0) + (other[i] ?? 0) * brightness * panel.polish;
    }
  }
  return result;
}
