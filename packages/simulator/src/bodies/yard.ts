import type { Box, RgbImage } from '@saface/core';
import { project } from '../camera.ts';
import { degrade } from '../degrade.ts';
import { createLayer, type Layer, type Rectangle } from '../layer.ts';
import { mixSeed } from '../random.ts';
import { clamp } from '../scalar.ts';
import { planVisits, type Visit } from '../visits.ts';
import { createWalk, type Walk } from '../walk.ts';
import { paintPedestrian } from './paint.ts';
import type { Posture } from './parts.ts';
import { createPedestrians, type Pedestrian } from './pedestrian.ts';
import { type Ground, renderGround, yard } from './yard-ground.ts';
import { createDaylight, type Daylight, isInShade, lightAt, type YardMoment } from './yard-light.ts';

export interface YardSpec {
  readonly seed: number;
  readonly seconds: number;
  readonly fps: number;
  /** How many people walk there; default 14. */
  readonly cast?: number;
}

/** A person whom a detector may be expected to find. */
export interface TruthBody {
  readonly person: string;
  /** Around the whole body within the picture, also where something hides a part of it. */
  readonly box: Box;
}

const defaultCast = 14;
/** Share of a body that must be in view and unhidden. */
const least = { inside: 0.85, visible: 0.6 } as const;
/** Bodies lower than this are too small to be told apart. */
const smallest = 44;

export const castOfYard = (seed: number, count = defaultCast): Pedestrian[] =>
  createPedestrians(mixSeed(seed, 0x9a4d), count);

/** The scene `yard`: people crossing an open yard, half of it in the sun, from morning towards evening under passing clouds. */
export class Yard {
  readonly frames: number;
  readonly #spec: YardSpec;
  readonly #cast: readonly Pedestrian[];
  readonly #walks: readonly { readonly walk: Walk; readonly visit: Visit }[];
  readonly #ground: Ground;
  readonly #daylight: Daylight;
  readonly #layer: Layer;
  /** Who is seen at each pixel: 0 nobody, else the number of the walk + 1. */
  readonly #owner: Uint16Array;

  constructor(spec: YardSpec) {
    this.#spec = spec;
    this.frames = Math.max(1, Math.round(spec.seconds * spec.fps));
    this.#cast = castOfYard(spec.seed, spec.cast);
    const { width, height } = yard.camera;
    this.#walks = planVisits(yard, this.#cast.length, spec).map((visit) => ({
      visit,
      walk: createWalk(yard, this.#cast[visit.person]!, visit),
    }));
    this.#ground = renderGround();
    this.#daylight = createDaylight(spec);
    this.#layer = createLayer(width, height);
    this.#owner = new Uint16Array(width * height);
  }

  /** Renders frame `index`: what the camera delivers, and who is visible in it. */
  async render(index: number): Promise<{ readonly image: RgbImage; readonly truth: readonly TruthBody[] }> {
    const time = index / this.#spec.fps;
    const { width, height } = yard.camera;
    const moment = this.#daylight(time);
    const data = litGround(this.#ground, moment);
    this.#owner.fill(0);
    const present = this.#walks
      .map((entry, number) => ({ ...entry, number }))
      .filter(({ walk, visit }) => visit.start <= time && time < walk.end)
      .map((entry) => ({ ...entry, posture: postureAt(entry.walk, this.#cast[entry.visit.person]!, time) }))
      .sort((a, b) => b.posture.z - a.posture.z || a.number - b.number);
    for (const { posture } of present) castShadow(data, posture, moment);
    const bodies = present.map(({ posture, visit, number }) => {
      const pedestrian = this.#cast[visit.person]!;
      const light = lightAt(moment, isInShade(posture.x, posture.z));
      const touched = paintPedestrian(this.#layer, yard.camera, { pedestrian, posture, light });
      return { person: pedestrian.name, number, ...this.#lay(data, touched, number) };
    });
    const truth = bodies.flatMap((body) => this.#judge(body) ?? []);
    return { image: await degrade({ width, height, data }, yard, mixSeed(this.#spec.seed, index, 4)), truth };
  }

  /** Lays the painted body over the frame, clears the layer, and says where the body was. */
  #lay(frame: Float32Array, touched: Rectangle, number: number) {
    const { data, width } = this.#layer;
    let [left, top, right, bottom, covered] = [touched.right, touched.bottom, 0, 0, 0];
    for (let y = touched.top; y < touched.bottom; y++) {
      for (let x = touched.left; x < touched.right; x++) {
        const pixel = y * width + x;
        const alpha = data[pixel * 4 + 3]!;
        if (alpha === 0) continue;
        for (let i = 0; i < 3; i++) frame[pixel * 3 + i] = frame[pixel * 3 + i]! * (1 - alpha) + data[pixel * 4 + i]!;
        data.fill(0, pixel * 4, pixel * 4 + 4);
        if (alpha < 0.5) continue;
        this.#owner[pixel] = number + 1;
        covered += 1;
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y + 1);
      }
    }
    return { covered, box: { x: left, y: top, width: right - left, height: bottom - top } };
  }

  /** Whether enough of a body is seen for a detector to find it. */
  #judge(body: { person: string; number: number; covered: number; box: Box }): TruthBody | null {
    const { box, number, covered, person } = body;
    if (covered === 0 || box.height < smallest) return null;
    const { width, height } = yard.camera;
    // A body at the picture's edge is cut by it: it then touches the edge and is narrower or lower than bodies are.
    const cut = box.x <= 0 || box.y <= 0 || box.x + box.width >= width || box.y + box.height >= height;
    if (cut && box.height * 0.22 > box.width * least.inside) return null;
    let visible = 0;
    for (let y = box.y; y < box.y + box.height; y++)
      for (let x = box.x; x < box.x + box.width; x++) if (this.#owner[y * width + x] === number + 1) visible += 1;
    return visible < least.visible * covered ? null : { person, box };
  }
}

function postureAt(walk: Walk, { gait }: Pedestrian, time: number): Posture {
  const { x, z, heading, step, stride } = walk.at(time);
  return { x, z, heading, step: (step * gait.cadence) / 1.35, stride };
}

function litGround({ albedo, shade }: Ground, moment: YardMoment): Float32Array {
  const out = new Float32Array(albedo.length);
  const [sunny, shaded] = [lightAt(moment, false), lightAt(moment, true)];
  for (let pixel = 0; pixel < shade.length; pixel++) {
    const dark = shade[pixel]!;
    for (let i = 0; i < 3; i++) {
      const bright = 0.75 * sunny.sun[i]! + sunny.sky[i]!;
      const dim = 0.75 * shaded.sun[i]! + shaded.sky[i]!;
      out[pixel * 3 + i] = albedo[pixel * 3 + i]! * (bright + (dim - bright) * dark);
    }
  }
  return out;
}

/** The ground is darker under and beside a person; how much depends on the sun. */
function castShadow(frame: Float32Array, { x, z }: Posture, moment: YardMoment): void {
  const { width, height } = yard.camera;
  const spot = project(yard.camera, x + 0.12, 0, z);
  const rx = 0.42 * spot.scale;
  const ry = 0.13 * spot.scale;
  const depth = isInShade(x, z) ? 0.22 : 0.25 + 0.3 * clamp(moment.clear, 0, 1);
  for (let py = Math.max(0, Math.floor(spot.y - ry)); py < Math.min(height, spot.y + ry); py++) {
    for (let px = Math.max(0, Math.floor(spot.x - rx)); px < Math.min(width, spot.x + rx); px++) {
      const r = ((px + 0.5 - spot.x) / rx) ** 2 + ((py + 0.5 - spot.y) / ry) ** 2;
      if (r >= 1) continue;
      const kept = 1 - depth * (1 - r);
      for (let i = 0; i < 3; i++) frame[(py * width + px) * 3 + i]! *= kept;
    }
  }
}
