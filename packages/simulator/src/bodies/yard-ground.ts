import { type CameraSpec, rayThrough } from '../camera.ts';
import type { Colour } from '../person.ts';
import { smoothstep, valueNoise } from '../scalar.ts';
import type { Degradation, Paths } from '../scenarios.ts';
import { isInShade } from './yard-light.ts';

export interface YardScenario extends Paths {
  readonly camera: CameraSpec;
  readonly attention: number;
  readonly degradation: Degradation;
}

/** A camera on a house front, looking over a paved yard to the wall at its end. */
export const yard: YardScenario = {
  name: 'yard',
  camera: { width: 640, height: 360, elevation: 4.2, tilt: 0.25, focal: 640 },
  attention: 0.3,
  degradation: {
    shutter: 0.2,
    defocus: 0.7,
    exposure: 0.85,
    flare: 0.03,
    noise: 4.5,
    vignette: 0.25,
    jpegQuality: null,
  },
  routes: [
    { from: [-7.2, 11], stop: [0.5, 11.6], to: [7.4, 11.2] },
    { from: [7.2, 12.6], stop: [-0.5, 12], to: [-7.6, 12.8] },
    { from: [-7.8, 14.5], stop: [-1.5, 12.5], to: [6.4, 9.6] },
    { from: [7.8, 15.5], stop: [1.5, 13], to: [-6.6, 9.8] },
    { from: [-3.2, 19.5], stop: [-1.2, 13.5], to: [1.4, 7.2] },
    { from: [3.4, 19.5], stop: [1.8, 13], to: [-1.6, 7.2] },
    { from: [1.2, 7.4], stop: [1.4, 12.5], to: [-2.6, 19.5] },
    { from: [-7, 10], stop: [-2.2, 11], to: [2.8, 19.5] },
  ],
  walkingSpeed: 1.35,
};

/** The empty yard without its light. */
export interface Ground {
  /** Share of the light that comes back, linear RGB. */
  readonly albedo: Float32Array;
  /** 1 in the shade of the house, 0 in the sun. */
  readonly shade: Float32Array;
}

const wallAt = 21;

/** What every pixel of the empty yard shows, four rays a pixel. */
export function renderGround(): Ground {
  const { width, height, elevation } = yard.camera;
  const albedo = new Float32Array(width * height * 3);
  const shade = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const pixel = row * width + column;
      for (const [du, dv] of [
        [0.25, 0.3],
        [0.75, 0.2],
        [0.3, 0.75],
        [0.8, 0.8],
      ] as const) {
        const [dx, dy, dz] = rayThrough(yard.camera, column + du, row + dv);
        const toGround = dy < 0 ? -elevation / dy : Number.POSITIVE_INFINITY;
        const isGround = toGround * dz < wallAt;
        const along = isGround ? toGround : wallAt / dz;
        const [x, y, z] = [dx * along, elevation + dy * along, dz * along];
        const colour = isGround ? paving(x, z) : wall(x, y);
        for (let i = 0; i < 3; i++) albedo[pixel * 3 + i]! += colour[i]! / 4;
        shade[pixel]! += isInShade(x, z) ? 0.25 : 0;
      }
    }
  }
  return { albedo, shade };
}

function paving(x: number, z: number): Colour {
  const seam = Math.min(Math.abs((((x % 1.2) + 1.2) % 1.2) - 0.6), Math.abs((z % 1.2) - 0.6));
  const stone = 0.25 + 0.1 * valueNoise(Math.floor(x / 1.2) * 3.7, Math.floor(z / 1.2) * 5.3, 1);
  const stain = 0.82 + 0.3 * valueNoise(x * 0.6, z * 0.6, 2) + 0.06 * valueNoise(x * 7, z * 7, 3);
  const value = stone * stain * (seam < 0.025 ? 0.7 : 1);
  const bed = smoothstep(0.2, -0.2, Math.abs(x - 4.4) - 0.8) * smoothstep(0.2, -0.2, Math.abs(z - 17) - 1);
  return [mixed(value * 1.03, 0.07, bed), mixed(value, 0.13, bed), mixed(value * 0.94, 0.05, bed)];
}

function wall(x: number, y: number): Colour {
  const course = Math.floor(y / 0.22);
  const brick = valueNoise(Math.floor(x / 0.5 + (course % 2) * 0.5) * 4.1, course * 7.7, 4);
  const window = Math.abs(((x + 50) % 3.2) - 1.6) < 0.6 && Math.abs(y - 2.1) < 0.7;
  if (window) return [0.07, 0.08, 0.1];
  const value = 0.2 + 0.1 * brick;
  return [value * 1.35, value * 0.95, value * 0.78];
}

function mixed(a: number, b: number, share: number): number {
  return a + (b - a) * share;
}
