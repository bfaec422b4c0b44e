import { fork } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RgbImage, SafaceError } from '@saface/core';
import { encodeJpeg } from '@saface/media';
import type { EnrolmentAnswer, EnrolmentOrder } from './enrolment-worker.ts';
import { shapeHead } from './head-shape.ts';
import { createLayer } from './layer.ts';
import type { Person } from './person.ts';
import { landmarksOf, type Portrait } from './portrait.ts';
import { createRandom, mixSeed } from './random.ts';
import { type Lighting, renderHead } from './render.ts';
import type { RenderOptions } from './render-pool.ts';
import { clamp, smoothstep, toDisplay } from './scalar.ts';
import { type ScenarioName, scenarioNames } from './scenarios.ts';
import { castOf } from './stage.ts';
import { simulatorVersion } from './version.ts';

const width = 300;
const height = 380;

/** `count` passport-like pictures of a person: frontal, good even light, plain ground; each a little different. */
export function renderEnrolmentPictures(person: Person, count: number): RgbImage[] {
  return renderEnrolmentPortraits(person, count).map(({ image }) => image);
}

/** The same pictures with the landmarks of the face in each. */
export function renderEnrolmentPortraits(person: Person, count: number): Portrait[] {
  return Array.from({ length: count }, (_, i) => renderPicture(person, i));
}

function renderPicture(person: Person, number: number): Portrait {
  const random = createRandom(mixSeed(person.seed, 0xe9401, number));
  const vary = (amount: number) => (random() - 0.5) * 2 * amount;
  const layer = createLayer(width, height);
  const shape = shapeHead(person, { blink: 0, smile: Math.max(0, vary(0.4)), gazeX: 0, gazeY: 0 });
  const light: Lighting = {
    key: { direction: [vary(0.7), 0.55, 0.9], colour: [1.15, 1.1, 1.05] },
    rim: { direction: [vary(1), 0.3, -0.6], colour: [0.15, 0.15, 0.16] },
    sky: [0.42, 0.43, 0.45],
    ground: [0.26, 0.25, 0.24],
  };
  const scale = 118 + vary(7);
  const place = { x: width / 2 + vary(8), y: 182 + vary(8), scale, distance: 14 };
  const pose = { yaw: vary(0.16), pitch: vary(0.08), roll: vary(0.05) };
  renderHead(shape, pose, place, light, layer);
  return { image: develop(layer.data, person, place, random() * 0.06), landmarks: landmarksOf(shape, pose, place) };
}

/** Puts the head on its shoulders, before a plain ground. */
function develop(
  head: Float32Array,
  person: Person,
  place: { readonly x: number; readonly y: number; readonly scale: number },
  warmth: number,
): RgbImage {
  const data = new Uint8Array(width * height * 3);
  const ground = [0.58 + warmth, 0.6, 0.63 - warmth] as const;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const u = Math.abs(column + 0.5 - place.x) / place.scale;
      const v = (place.y - row - 0.5) / place.scale;
      // Shoulders: a line that falls from the collar outwards.
      const line = -1.28 - 0.12 * u * u - 0.22 * smoothstep(0.5, 1.5, u);
      const collar = -1.14 - 0.5 * smoothstep(0.46, 0, u) * 0.35;
      const cloth = smoothstep(0.012, -0.012, v - Math.max(line, u < 0.52 ? collar : -9));
      const shade = 0.95 - 0.3 * u * u * 0.25 - 0.12 * smoothstep(0.1, -0.2, v - line);
      const at = (row * width + column) * 3;
      const from = (row * width + column) * 4;
      const alpha = head[from + 3] ?? 0;
      for (let i = 0; i < 3; i++) {
        const behind = (ground[i] ?? 0) * (1 - 0.12 * (row / height));
        const face = (head[from + i] ?? 0) + behind * (1 - alpha);
        const value = face * (1 - cloth) + (person.top[i] ?? 0) * shade * 1.5 * cloth;
        data[at + i] = Math.round(255 * clamp(toDisplay(clamp(value, 0, 1)), 0, 1));
      }
    }
  }
  return { width, height, data };
}

export interface EnrolmentSpec {
  readonly seed: number;
  /** Whose people; default both scenarios'. */
  readonly scenarios?: readonly ScenarioName[];
  /** Pictures of each person; default 3. */
  readonly pictures?: number;
  /** The people somebody enrolled (default), those whom nobody did, or all. */
  readonly who?: 'enrolled' | 'strangers' | 'everybody';
}

/** The people of `spec`, each once. */
export function simulatedPeople(spec: EnrolmentSpec): Person[] {
  const strangers = new Set(
    scenarioNames.flatMap((name) =>
      castOf(name, spec.seed)
        .slice(-strangersPerCast)
        .map((p) => p.name),
    ),
  );
  const { who = 'enrolled' } = spec;
  const people = new Map<string, Person>();
  for (const scenario of spec.scenarios ?? scenarioNames) {
    for (const person of castOf(scenario, spec.seed)) {
      if (who === 'everybody' || strangers.has(person.name) === (who === 'strangers')) people.set(person.name, person);
    }
  }
  return [...people.values()];
}

const strangersPerCast = 2;

export interface EnrolledFolder {
  readonly dir: string;
  readonly people: readonly { readonly name: string; readonly pictures: readonly string[] }[];
}

/**
 * Writes `<dir>/<person's name>/<n>.jpg` for everybody of `spec`. A folder that holds them all already is left as it is; what
 * is there of another spec or simulator is replaced picture by picture.
 */
export async function writeEnrolmentFolder(
  dir: string,
  spec: EnrolmentSpec,
  { workers = availableParallelism() }: Pick<RenderOptions, 'workers'> = {},
): Promise<EnrolledFolder> {
  const cast = simulatedPeople(spec);
  const pictures = picturesOf(spec);
  const stamp = createHash('sha256')
    .update(JSON.stringify([simulatorVersion, pictures, cast]))
    .digest('hex');
  const stampFile = join(dir, '.simulator');
  const planned = cast.map(({ name }) => ({
    name,
    pictures: Array.from({ length: pictures }, (_, i) => picturePath(dir, name, i)),
  }));
  if (
    await isWhole(
      stampFile,
      stamp,
      planned.flatMap((p) => p.pictures),
    )
  )
    return { dir, people: planned };
  await rm(stampFile, { force: true });
  const of = Math.min(workers, cast.length);
  if (of === 0) await writePictures(dir, spec, { share: 0, of: 1 });
  else await allOrNone(Array.from({ length: of }, (_, share) => ({ dir, spec, share, of })));
  await writeWhole(stampFile, stamp);
  return { dir, people: planned };
}

const picturesOf = ({ pictures = 3 }: EnrolmentSpec): number => pictures;
const picturePath = (dir: string, name: string, number: number): string => join(dir, name, `${number + 1}.jpg`);

/** Writes the pictures of every `of`-th person, beginning with number `share`. */
export async function writePictures(
  dir: string,
  spec: EnrolmentSpec,
  { share, of }: Pick<EnrolmentOrder, 'share' | 'of'>,
): Promise<void> {
  for (const person of simulatedPeople(spec).filter((_, at) => at % of === share)) {
    await mkdir(join(dir, person.name), { recursive: true });
    for (let i = 0; i < picturesOf(spec); i++) {
      const { image } = renderPicture(person, i);
      await writeWhole(picturePath(dir, person.name, i), await encodeJpeg(image, { quality: 92 }));
    }
  }
}

const workerFile = fileURLToPath(new URL('./enrolment-worker.ts', import.meta.url));
const tsx = import.meta.resolve('tsx');

/** Each order in a process of its own; where one fails, the others are ended. */
async function allOrNone(orders: readonly EnrolmentOrder[]): Promise<void> {
  const failed = new AbortController();
  try {
    await Promise.all(orders.map((order) => writeApart(order, failed.signal)));
  } catch (error) {
    failed.abort();
    throw error;
  }
}

async function writeApart(order: EnrolmentOrder, signal: AbortSignal): Promise<void> {
  const child = fork(workerFile, [], {
    execArgv: ['--import', tsx],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    signal,
  });
  try {
    const error = await new Promise<string | null>((resolve, reject) => {
      child.once('message', (answer: EnrolmentAnswer) => resolve(answer.error));
      child.once('exit', (code) => resolve(`a process ended with code ${code}`));
      child.once('error', reject);
      child.send(order);
    });
    if (error !== null)
      throw new SafaceError(
        'internal',
        `Enrolment pictures could not be written to "${order.dir}": ${error}`,
        'Make room on its disk and in memory, then try again.',
      );
  } finally {
    child.kill();
  }
}

async function isWhole(stampFile: string, stamp: string, pictures: readonly string[]): Promise<boolean> {
  const found = await readFile(stampFile, 'utf8').catch(() => null);
  if (found !== stamp) return false;
  const sizes = await Promise.all(
    pictures.map((path) =>
      stat(path).then(
        (s) => s.size,
        () => 0,
      ),
    ),
  );
  return sizes.every((size) => size > 0);
}

/** The file appears under its name only when all of it is written. */
async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
