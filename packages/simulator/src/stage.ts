import type { Box, RgbImage } from '@saface/core';
import { type Backdrop, renderBackdrop } from './backdrop.ts';
import { type BodyLight, renderBody } from './body.ts';
import { bearingToCamera, project, worldToView } from './camera.ts';
import { composite } from './composite.ts';
import { degrade } from './degrade.ts';
import { faceBox } from './face-box.ts';
import { shapeHead } from './head-shape.ts';
import { createLayer, type Layer, type Rectangle } from './layer.ts';
import { type Colour, createPopulation, type Person } from './person.ts';
import { mixSeed } from './random.ts';
import { type HeadPlacement, type Lighting, renderHead } from './render.ts';
import { clamp, smoothstep } from './scalar.ts';
import { type Lamp, type Scenario, type ScenarioName, scenarios } from './scenarios.ts';
import { planVisits } from './visits.ts';
import { createWalk, headUnit, type Stance, type Walk } from './walk.ts';

/** What a rendered world depends on; equal specs give equal pixels. */
export interface SceneSpec {
  readonly scenario: ScenarioName;
  readonly seed: number;
  readonly seconds: number;
  readonly fps: number;
}

/** One visible face of one frame. */
export interface TruthFace {
  /** The person's name. */
  readonly person: string;
  readonly box: Box;
}

export interface StagedFrame {
  readonly image: RgbImage;
  readonly truth: readonly TruthFace[];
}

/** How many people a site has, and who of them each scenario sees: four are seen by both cameras. */
export const populationSize = 16;
const casts: Readonly<Record<ScenarioName, readonly number[]>> = {
  corridor: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  entrance: [6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
};

/** The people of a scenario; the last two are strangers, whom nobody enrols. */
export function castOf(scenario: ScenarioName, seed: number): Person[] {
  const population = createPopulation(seed, populationSize);
  return casts[scenario].flatMap((i) => population[i] ?? []);
}

/** Faces turned further away than this are not counted as visible, radians. */
const mostTurned = (60 * Math.PI) / 180;

/** A scene that can render any of its frames, in any order; each frame depends on the spec and its index alone. */
export class Stage {
  readonly scenario: Scenario;
  readonly frames: number;
  readonly #spec: SceneSpec;
  readonly #cast: readonly Person[];
  readonly #walks: readonly Walk[];
  readonly #backdrop: Backdrop;
  readonly #head: Layer;
  readonly #body: Layer;
  /** Who is seen at each pixel: 0 nobody's face, else the number of the walk + 1. */
  readonly #owner: Uint8Array;

  constructor(spec: SceneSpec) {
    this.#spec = spec;
    this.scenario = scenarios[spec.scenario];
    this.frames = Math.max(1, Math.round(spec.seconds * spec.fps));
    this.#cast = castOf(spec.scenario, spec.seed);
    const visits = planVisits(this.scenario, this.#cast.length, { seed: spec.seed, seconds: spec.seconds });
    this.#walks = visits.map((visit) => createWalk(this.scenario, this.#cast[visit.person] as Person, visit));
    const { width, height } = this.scenario.camera;
    this.#backdrop = renderBackdrop(this.scenario);
    this.#head = createLayer(width, height);
    this.#body = createLayer(width, height);
    this.#owner = new Uint8Array(width * height);
  }

  /** Renders frame `index`: what the camera delivers, and who is visible in it. */
  async render(index: number): Promise<StagedFrame> {
    const time = index / this.#spec.fps;
    const { width, height } = this.scenario.camera;
    const light = { width, height, data: this.#backdrop.colour.slice() };
    this.#owner.fill(0);
    const present = this.#walks
      .map((walk, number) => ({ walk, number }))
      .filter(({ walk }) => walk.visit.start <= time && time < walk.end)
      .map((entry) => ({ ...entry, stance: entry.walk.at(time) }))
      .sort((a, b) => b.stance.z - a.stance.z || a.number - b.number);
    const faces = present.flatMap(
      ({ walk, number, stance }) => this.#paintPerson(light.data, walk, number, stance, time) ?? [],
    );
    const truth = faces.flatMap((face) => this.#judge(face) ?? []);
    const image = await degrade(light, this.scenario, mixSeed(this.#spec.seed, index, this.scenario.name.length));
    return { image, truth };
  }

  #paintPerson(frame: Float32Array, walk: Walk, number: number, stance: Stance, time: number): PaintedFace | null {
    const { camera } = this.scenario;
    const person = this.#cast[walk.visit.person] as Person;
    const place = this.#place(stance);
    if (place === null) return null;
    const seen = bearingToCamera(camera, stance.x, stance.headY, stance.z);
    const lighting = this.#lighting(stance, seen);
    const blurX = this.#motion(walk, time, 'x');
    const blurY = this.#motion(walk, time, 'y');
    const { glare } = this.scenario;
    const veil = glare === null ? 0 : smoothstep(glare.from, glare.to, stance.z);
    const paint = (layer: Layer, box: Rectangle, mark: (at: number) => void) =>
      composite(frame, layer, box, { depth: this.#backdrop.depth, blurX, blurY, z: stance.z, veil, mark });

    const body = renderBody(this.#body, camera, person, stance, bodyLight(lighting));
    paint(this.#body, body, (at) => {
      this.#owner[at] = 0;
    });
    const shape = shapeHead(person, stance.expression);
    const head = renderHead(shape, stance.pose, place, lighting, this.#head);
    const box = faceBox(shape, stance.pose, place);
    const total = countCovered(this.#head, box);
    paint(this.#head, head, (at) => {
      const x = at % camera.width;
      const y = (at - x) / camera.width;
      const inFace = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
      this.#owner[at] = inFace ? number + 1 : 0;
    });
    return { number, name: person.name, box, yaw: stance.pose.yaw, total, veil };
  }

  #place(stance: Stance): HeadPlacement | null {
    const { camera } = this.scenario;
    const spot = project(camera, stance.x, stance.headY, stance.z);
    if (spot.depth < 0.8) return null;
    return { x: spot.x, y: spot.y, scale: spot.scale * headUnit, distance: spot.depth / headUnit };
  }

  /** Pixels the head moves while the shutter is open. */
  #motion(walk: Walk, time: number, axis: 'x' | 'y'): number {
    const open = this.scenario.degradation.shutter / this.#spec.fps;
    const [a, b] = [walk.at(time - open / 2), walk.at(time + open / 2)].map((s) =>
      project(this.scenario.camera, s.x, s.headY, s.z),
    );
    return a === undefined || b === undefined ? 0 : clamp(b[axis] - a[axis], -12, 12);
  }

  #lighting(stance: Stance, seen: { azimuth: number; elevation: number }): Lighting {
    const head = [stance.x, stance.headY, stance.z] as const;
    const reach = (lamp: Lamp) => lamp.at.reduce((sum, p, i) => sum + (p - (head[i] ?? 0)) ** 2, 0);
    const nearest = this.scenario.lamps.reduce((best, lamp) => (reach(lamp) < reach(best) ? lamp : best));
    // All lamps add up to one key light: its direction and strength glide as a person walks from lamp to lamp.
    const direction: [number, number, number] = [0, 0, 0];
    const colour: [number, number, number] = [0, 0, 0];
    for (const lamp of this.scenario.lamps) {
      const squared = reach(lamp);
      const strength = 2.1 / (1 + squared * 0.55);
      for (let i = 0; i < 3; i++) {
        direction[i] = (direction[i] ?? 0) + (((lamp.at[i] ?? 0) - (head[i] ?? 0)) / Math.sqrt(squared)) * strength;
        colour[i] = (colour[i] ?? 0) + (lamp.colour[i] ?? 0) * strength * (lamp === nearest ? 1 : 0.7);
      }
    }
    const back = this.scenario.backLight;
    const toBack: [number, number, number] = [back.at[0] - head[0], back.at[1] - head[1], back.at[2] - head[2]];
    return {
      key: { direction: worldToView(seen, direction), colour },
      rim: { direction: worldToView(seen, toBack), colour: back.colour },
      sky: this.scenario.sky,
      ground: this.scenario.ground,
    };
  }

  /** Whether a painted face is visible enough to be expected from a detector, and its box within the frame. */
  #judge(face: PaintedFace): TruthFace | null {
    const { width, height } = this.scenario.camera;
    const { box, number } = face;
    const left = clamp(box.x, 0, width);
    const top = clamp(box.y, 0, height);
    const right = clamp(box.x + box.width, 0, width);
    const bottom = clamp(box.y + box.height, 0, height);
    const inside = (Math.max(0, right - left) * Math.max(0, bottom - top)) / (box.width * box.height);
    if (Math.abs(face.yaw) > mostTurned || box.width < this.scenario.smallestFace || inside < 0.8 || face.veil > 0.35)
      return null;
    let visible = 0;
    for (let y = Math.floor(top); y < bottom; y++) {
      for (let x = Math.floor(left); x < right; x++) if (this.#owner[y * width + x] === number + 1) visible++;
    }
    if (face.total === 0 || visible < face.total * 0.55) return null;
    return { person: face.name, box: { x: left, y: top, width: right - left, height: bottom - top } };
  }
}

interface PaintedFace {
  readonly number: number;
  readonly name: string;
  readonly box: Box;
  readonly yaw: number;
  /** Pixels of the face in the frame if nothing stood before it. */
  readonly total: number;
  readonly veil: number;
}

function countCovered(layer: Layer, box: Box): number {
  let covered = 0;
  const bottom = Math.min(layer.height, box.y + box.height);
  const right = Math.min(layer.width, box.x + box.width);
  for (let y = Math.max(0, Math.ceil(box.y)); y < bottom; y++) {
    for (let x = Math.max(0, Math.ceil(box.x)); x < right; x++)
      if ((layer.data[(y * layer.width + x) * 4 + 3] ?? 0) > 0.5) covered++;
  }
  return covered;
}

function bodyLight(light: Lighting): BodyLight {
  const unit = (v: readonly [number, number, number]): [number, number, number] => {
    const norm = 1 / (Math.hypot(...v) || 1);
    return [v[0] * norm, v[1] * norm, v[2] * norm];
  };
  const ambient = light.sky.map((s, i) => s * 0.6 + (light.ground[i] ?? 0) * 0.4) as unknown as Colour;
  return {
    key: unit(light.key.direction),
    keyColour: light.key.colour,
    rim: unit(light.rim.direction),
    rimColour: light.rim.colour,
    ambient,
  };
}
