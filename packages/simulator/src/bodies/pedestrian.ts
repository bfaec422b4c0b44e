import { feminineNames, masculineNames, surnames } from '../names.ts';
import type { Colour } from '../person.ts';
import { bell, createRandom, mixSeed, pick, type Random } from '../random.ts';
import { clamp, toLinear } from '../scalar.ts';

export type Pattern = 'plain' | 'hoops' | 'stripes' | 'checks' | 'yoke' | 'panel';
export type HeadWear = 'bald' | 'short' | 'long' | 'bun' | 'cap' | 'hood';
export type LegWear = 'trousers' | 'shorts' | 'skirt';
export type Bag = 'none' | 'backpack' | 'shoulder' | 'case';

/** A whole person as a camera across a yard tells them apart: build, clothes and what they carry. Lengths in metres. */
export interface Pedestrian {
  readonly seed: number;
  readonly name: string;
  readonly height: number;
  /** Width of the body as a multiple of the average. */
  readonly build: number;
  /** Shoulders against hips: above 1 is broad-shouldered. */
  readonly taper: number;
  readonly skin: Colour;
  readonly hair: Colour;
  readonly headWear: HeadWear;
  readonly top: Colour;
  readonly topAccent: Colour;
  readonly pattern: Pattern;
  readonly longSleeves: boolean;
  /** How far the top reaches below the hip, 0 a shirt .. 1 a coat to the knee. */
  readonly coat: number;
  readonly legs: Colour;
  readonly legWear: LegWear;
  readonly shoes: Colour;
  readonly bag: Bag;
  readonly bagColour: Colour;
  readonly gait: Gait;
}

export interface Gait {
  /** Steps a second at one metre a second. */
  readonly cadence: number;
  /** Width of the steps and swing of the arms as multiples of the average. */
  readonly stride: number;
  readonly swing: number;
  /** Radians forward. */
  readonly lean: number;
}

type Swatch = readonly [number, number, number];
type Swatches = readonly [Swatch, ...Swatch[]];

const skins: Swatches = [
  [0.94, 0.8, 0.7],
  [0.86, 0.67, 0.53],
  [0.7, 0.5, 0.36],
  [0.5, 0.35, 0.25],
  [0.36, 0.25, 0.18],
];
const hairs: Swatches = [
  [0.05, 0.04, 0.04],
  [0.12, 0.08, 0.06],
  [0.26, 0.17, 0.09],
  [0.6, 0.46, 0.26],
  [0.62, 0.61, 0.6],
];
/** What most people wear, so that clothes alone seldom settle who somebody is. */
const quiet: Swatches = [
  [0.1, 0.1, 0.11],
  [0.14, 0.17, 0.27],
  [0.36, 0.37, 0.39],
  [0.55, 0.55, 0.56],
  [0.44, 0.38, 0.28],
  [0.8, 0.8, 0.79],
  [0.24, 0.28, 0.22],
];
const loud: Swatches = [
  [0.66, 0.14, 0.15],
  [0.2, 0.36, 0.66],
  [0.82, 0.66, 0.2],
  [0.16, 0.46, 0.3],
  [0.5, 0.24, 0.5],
  [0.85, 0.45, 0.2],
  [0.3, 0.6, 0.64],
  [0.8, 0.56, 0.6],
];
const legCloth: Swatches = [
  [0.11, 0.11, 0.12],
  [0.16, 0.2, 0.32],
  [0.28, 0.33, 0.45],
  [0.33, 0.29, 0.23],
  [0.5, 0.45, 0.36],
  [0.3, 0.3, 0.31],
];
const leather: Swatches = [
  [0.08, 0.07, 0.07],
  [0.28, 0.19, 0.12],
  [0.75, 0.75, 0.74],
  [0.4, 0.12, 0.12],
];

/** `count` people, the same for the same seed; another seed gives nobody of these. */
export function createPedestrians(seed: number, count: number): Pedestrian[] {
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, number) => {
    const random = createRandom(mixSeed(seed, 0xb0d1e5, number));
    return drawPedestrian(random, mixSeed(seed, number), taken);
  });
}

function drawPedestrian(random: Random, seed: number, taken: Set<string>): Pedestrian {
  const feminine = random() < 0.5;
  const cloth = () => dyed(random, random() < 0.62 ? quiet : loud);
  const legWear: LegWear = random() < 0.72 ? 'trousers' : feminine && random() < 0.6 ? 'skirt' : 'shorts';
  const coat = random() < 0.22 ? 0.45 + 0.5 * random() : 0.1 * random();
  return {
    seed,
    name: newName(random, feminine ? feminineNames : masculineNames, taken),
    height: clamp((feminine ? 1.66 : 1.78) + 0.1 * bell(random), 1.5, 1.98),
    build: clamp(1 + 0.17 * bell(random), 0.78, 1.32),
    taper: clamp((feminine ? 0.97 : 1.08) + 0.06 * bell(random), 0.88, 1.22),
    skin: dyed(random, skins),
    hair: dyed(random, hairs),
    headWear: feminine
      ? pick(random, ['long', 'long', 'bun', 'short', 'cap', 'hood'])
      : pick(random, ['short', 'short', 'short', 'bald', 'cap', 'hood']),
    top: cloth(),
    topAccent: cloth(),
    pattern: pick(random, ['plain', 'plain', 'plain', 'plain', 'hoops', 'stripes', 'checks', 'yoke', 'panel']),
    longSleeves: coat > 0.3 || random() < 0.65,
    coat,
    legs: dyed(random, legCloth),
    legWear,
    shoes: dyed(random, leather),
    bag: pick(random, ['none', 'none', 'none', 'backpack', 'shoulder', 'case']),
    bagColour: dyed(random, random() < 0.6 ? leather : loud),
    gait: {
      cadence: 1.35 + 0.12 * bell(random),
      stride: clamp(1 + 0.16 * bell(random), 0.7, 1.35),
      swing: clamp(1 + 0.35 * bell(random), 0.2, 1.8),
      lean: 0.03 + 0.03 * bell(random),
    },
  };
}

/** A swatch, a little lighter or darker and of a slightly different hue than the next garment of it, in linear light. */
function dyed(random: Random, swatches: Swatches): Colour {
  const value = 0.92 + 0.16 * random();
  const [r, g, b] = pick(random, swatches).map((v) => toLinear(clamp(v * value + 0.012 * bell(random), 0.02, 0.97)));
  return [r ?? 0, g ?? 0, b ?? 0];
}

function newName(random: Random, firstNames: readonly string[], taken: Set<string>): string {
  for (let attempt = 0; ; attempt++) {
    const first = firstNames[Math.floor(random() * firstNames.length)];
    const last = surnames[Math.floor(random() * surnames.length)];
    const name = attempt < 50 ? `${first} ${last}` : `${first} ${last} ${attempt - 48}`;
    if (taken.has(name)) continue;
    taken.add(name);
    return name;
  }
}
