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

/** What decides where people walk. */
export interface Paths {
  readonly name: string;
  readonly routes: readonly Route[];
  /** Metres a second. */
  readonly walkingSpeed: number;
}

export interface Scenario extends Paths {
  readonly name: ScenarioName;
  readonly camera: CameraSpec;
  readonly room: readonly Panel[];
  readonly lamps: readonly Lamp[];
  /** The one lamp that casts shadows is the nearest; this one only edges people with light. */
  readonly backLight: Lamp;
  readonly sky: Colour;
  readonly ground: Colour;
  readonly degradation: Degradation;
  /** Glare in which people are lost beyond `to` metres, as at a door to the open; null for none. */
  readonly glare: { readonly from: number; readonly to: number } | null;
  /** How far people look towards the camera rather than where they walk, 0..1. */
  readonly attention: number;
  /** Width in pixels from which a face counts as visible. */
  readonly smallestFace: number;
}

/** High camera, warm dim light from ceiling lamps, small faces, blur: the paper's first kind of scene (Fig. 6). */
const corridor: Scenario = {
  name: 'corridor',
  camera: { width: 640, height: 360, elevation: 2.75, tilt: 0.275, focal: 1330 },
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
  glare: null,
  degradation: {
    shutter: 0.25,
    defocus: 0.55,
    exposure: 0.92,
    flare: 0.02,
    noise: 2.5,
    vignette: 0.3,
    jpegQuality: null,
  },
  routes: [
    { from: [-2.3, 7.0], stop: [-0.6, 4.3], to: [-0.4, 2.1] },
    { from: [2.3, 7.0], stop: [0.58, 4.0], to: [0.45, 2.1] },
    { from: [-2.3, 7.0], stop: [0.05, 4.9], to: [0.05, 2.1] },
    { from: [-2.2, 5.1], stop: [-0.3, 4.5], to: [0.35, 2.1] },
    { from: [2.3, 7.0], stop: [0.35, 5.0], to: [-0.3, 2.1] },
    { from: [2.3, 7.0], stop: [-0.55, 5.0], to: [-0.55, 2.1] },
    { from: [-2.3, 7.0], stop: [0.6, 4.7], to: [0.5, 2.1] },
    { from: [2.2, 4.7], stop: [0.2, 3.9], to: [-0.4, 2.1] },
  ],
  walkingSpeed: 0.8,
  attention: 0.72,
  smallestFace: 30,
};

/** Side angle, strong light from behind, noise and compression: the paper's second kind of scene (Fig. 6). */
const entrance: Scenario = {
  name: 'entrance',
  camera: { width: 640, height: 360, elevation: 2.05, tilt: 0.115, focal: 1180 },
  room: entranceRoom,
  lamps: [{ at: [1.3, 2.8, 0.9], colour: [1.7, 1.72, 1.8] }],
  backLight: { at: [-0.6, 2.2, 7.5], colour: [2.3, 2.5, 2.8] },
  sky: [0.36, 0.38, 0.42],
  ground: [0.24, 0.24, 0.25],
  glare: { from: 5.7, to: 6.9 },
  degradation: {
    shutter: 0.22,
    defocus: 0.45,
    exposure: 0.95,
    flare: 0.05,
    noise: 3.5,
    vignette: 0.15,
    jpegQuality: 62,
  },
  routes: [
    { from: [-0.8, 6.9], stop: [-0.4, 3.8], to: [1.1, 1.9] },
    { from: [-0.7, 6.9], stop: [0.25, 3.9], to: [1.2, 2.1] },
    { from: [0.3, 6.9], stop: [0.55, 3.7], to: [-0.95, 1.9] },
    { from: [-1.7, 4.9], stop: [-0.5, 3.7], to: [0.9, 1.8] },
    { from: [-0.2, 6.9], stop: [-0.1, 3.3], to: [-0.95, 1.8] },
    { from: [1.7, 4.9], stop: [0.5, 4.2], to: [-1.0, 2.2] },
  ],
  walkingSpeed: 0.75,
  attention: 0.8,
  smallestFace: 34,
};

export const scenarios: Readonly<Record<ScenarioName, Scenario>> = { corridor, entrance };
