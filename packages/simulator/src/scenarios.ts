import type { CameraSpec } from './camera.ts';
import type { Colour } from './person.ts';
import { corridorRoom, entranceRoom, type Panel } from './rooms.ts';

export const scenarioNames = ['corridor', 'entrance'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** A lamp or bright opening at a place in the world, metres. */
export interface Lamp {
  readonly at: readonly [number, number, number];
  readonly colour: Colour;
}

/** What the camera does to the light it gets, in the order it happens. */
export interface Degradation {
  /** Share of the frame interval during which the shutter is open. */
  readonly shutter: number;
  /** Standard deviation of the defocus blur, pixels. */
  readonly defocus: number;
  readonly exposure: number;
  /** Light scattered in the lens from bright areas, 0..1. */
  readonly flare: number;
  /** Standard deviation of sensor noise, 0..255 after development, in mid grey. */
  readonly noise: number;
  /** Share of the light lost in the corners. */
  readonly vignette: number;
  /** JPEG quality before the video encoder, or null for a camera that sends none. */
  readonly jpegQuality: number | null;
}

/** Places people walk between, metres on the floor; `from` and `to` lie outside the picture. */
export interface Route {
  readonly from: readonly [number, number];
  readonly stop: readonly [number, number];
  readonly to: readonly [number, number];
}

export interface Scenario {
  readonly name: ScenarioName;
  readonly camera: CameraSpec;
  readonly room: readonly Panel[];
  readonly lamps: readonly Lamp[];
  /** The one lamp that casts shadows is the nearest; this one only edges people with light. */
  readonly backLight: Lamp;
  readonly sky: Colour;
  readonly ground: Colour;
  readonly degradation: Degradation;
  readonly routes: readonly Route[];
  /** Bright air that hides people beyond `to` metres, as at a door to the open; null for none. */
  readonly haze: { readonly from: number; readonly to: number; readonly colour: Colour } | null;
  /** Metres a second. */
  readonly walkingSpeed: number;
  /** How far people look towards the camera rather than where they walk, 0..1. */
  readonly attention: number;
  /** Width in pixels from which a face counts as visible. */
  readonly smallestFace: number;
}

/** High camera, warm dim light from ceiling lamps, small faces, blur: the paper's first kind of scene (Fig. 6). */
const corridor: Scenario = {
  name: 'corridor',
  camera: { width: 640, height: 360, elevation: 2.95, tilt: 0.33, focal: 1150 },
  room: corridorRoom,
  lamps: [
    { at: [-0.5, 3.0, 2.6], colour: [1.5, 1.14, 0.78] },
    { at: [0.5, 3.0, 4.6], colour: [1.5, 1.14, 0.78] },
    { at: [-0.4, 3.0, 6.6], colour: [1.5, 1.14, 0.78] },
    { at: [0, 3.0, 9.5], colour: [1.5, 1.14, 0.78] },
  ],
  backLight: { at: [0, 2.6, 12], colour: [0.16, 0.13, 0.1] },
  sky: [0.24, 0.19, 0.14],
  ground: [0.13, 0.1, 0.075],
  haze: null,
  degradation: { shutter: 0.4, defocus: 0.75, exposure: 0.92, flare: 0.02, noise: 3, vignette: 0.3, jpegQuality: null },
  routes: [
    { from: [-2.3, 7.8], stop: [-0.72, 4.3], to: [-0.5, 1.9] },
    { from: [2.3, 7.8], stop: [0.7, 4.0], to: [0.55, 1.9] },
    { from: [-2.3, 7.8], stop: [0.05, 5.0], to: [0.05, 1.9] },
    { from: [-2.2, 5.1], stop: [-0.3, 4.6], to: [0.45, 1.9] },
    { from: [2.3, 7.8], stop: [0.35, 5.2], to: [-0.35, 1.9] },
    { from: [2.3, 7.8], stop: [-0.6, 5.3], to: [-2.1, 5.1] },
    { from: [-2.3, 7.8], stop: [0.65, 4.9], to: [2.1, 4.7] },
  ],
  walkingSpeed: 0.85,
  attention: 0.45,
  smallestFace: 28,
};

/** Side angle, strong light from behind, noise and compression: the paper's second kind of scene (Fig. 6). */
const entrance: Scenario = {
  name: 'entrance',
  camera: { width: 640, height: 360, elevation: 2.05, tilt: 0.105, focal: 1020 },
  room: entranceRoom,
  lamps: [{ at: [2.2, 2.7, 1.4], colour: [0.75, 0.77, 0.82] }],
  backLight: { at: [-0.6, 2.2, 7.5], colour: [2.3, 2.5, 2.8] },
  sky: [0.3, 0.32, 0.36],
  ground: [0.17, 0.17, 0.18],
  haze: { from: 6.4, to: 10, colour: [3.2, 3.4, 3.7] },
  degradation: { shutter: 0.22, defocus: 0.45, exposure: 0.95, flare: 0.1, noise: 8, vignette: 0.15, jpegQuality: 38 },
  routes: [
    { from: [-1.0, 9.5], stop: [-0.4, 3.4], to: [1.5, 1.9] },
    { from: [-0.9, 9.5], stop: [0.35, 3.7], to: [1.7, 2.3] },
    { from: [0.2, 9.5], stop: [0.75, 3.1], to: [-1.5, 2.3] },
    { from: [-2.0, 3.6], stop: [-0.62, 2.9], to: [1.2, 1.7] },
    { from: [-0.2, 9.5], stop: [-0.15, 2.7], to: [-1.3, 1.8] },
    { from: [1.9, 4.4], stop: [0.55, 3.9], to: [-1.6, 2.9] },
  ],
  walkingSpeed: 0.85,
  attention: 0.5,
  smallestFace: 36,
};

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = { corridor, entrance };
