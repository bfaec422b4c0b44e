import { feminineNames, masculineNames, surnames } from './names.ts';
import { bell, createRandom, mixSeed, pick, type Random, shuffled } from './random.ts';
import { clamp, toLinear } from './scalar.ts';

/** Linear-light red, green, blue, 0..1. */
export type Colour = readonly [number, number, number];

export const hairStyles = ['crop', 'parted', 'receding', 'long', 'bob', 'curly', 'bun', 'fringe'] as const;
export type HairStyle = (typeof hairStyles)[number];

/** Lengths are in head units: half the width of an average head is 0.7, and one unit is about 0.115 m. */
export interface Person {
  readonly seed: number;
  readonly name: string;
  /** Metres, top of the head. */
  readonly height: number;
  /** Shoulder width as a multiple of the average. */
  readonly build: number;
  readonly skin: Colour;
  readonly hairColour: Colour;
  readonly iris: Colour;
  readonly top: Colour;
  readonly trousers: Colour;
  readonly skullWidth: number;
  readonly skullHeight: number;
  readonly skullDepth: number;
  readonly jawWidth: number;
  readonly jawY: number;
  readonly chinSize: number;
  readonly chinY: number;
  readonly chinForward: number;
  readonly cheekSize: number;
  readonly cheekY: number;
  readonly browRidge: number;
  readonly eyeX: number;
  readonly eyeY: number;
  readonly eyeRadius: number;
  readonly eyeOpen: number;
  readonly eyeTilt: number;
  readonly browY: number;
  readonly browThickness: number;
  readonly browTilt: number;
  readonly browArch: number;
  readonly browStrength: number;
  readonly noseLength: number;
  readonly noseWidth: number;
  readonly noseForward: number;
  readonly noseBridge: number;
  readonly noseTip: number;
  readonly mouthY: number;
  readonly mouthWidth: number;
  readonly lipThickness: number;
  readonly lipRed: number;
  readonly earSize: number;
  readonly hairStyle: HairStyle;
  readonly hairLine: number;
  readonly hairVolume: number;
  /** 0 none .. 1 full, and how far up the cheeks it grows. */
  readonly beard: number;
  readonly moustache: number;
  readonly glasses: boolean;
  readonly freckles: number;
  /** 0 young .. 1 old: folds, paler lips, bags under the eyes. */
  readonly age: number;
  readonly moles: readonly { readonly x: number; readonly y: number }[];
}

type Swatch = readonly [number, number, number];
const skins: readonly [Swatch, ...Swatch[]] = [
  [0.95, 0.81, 0.72],
  [0.9, 0.73, 0.6],
  [0.84, 0.65, 0.5],
  [0.7, 0.5, 0.36],
  [0.52, 0.36, 0.26],
  [0.37, 0.25, 0.18],
];
const lightHair: readonly [Swatch, ...Swatch[]] = [
  [0.2, 0.12, 0.07],
  [0.36, 0.23, 0.12],
  [0.56, 0.4, 0.2],
  [0.76, 0.63, 0.4],
  [0.45, 0.16, 0.07],
  [0.09, 0.06, 0.05],
];
const darkHair: readonly [Swatch, ...Swatch[]] = [
  [0.05, 0.04, 0.04],
  [0.09, 0.06, 0.05],
  [0.16, 0.1, 0.06],
];
const greyHair: Swatch = [0.62, 0.61, 0.6];
const lightIrises: readonly [Swatch, ...Swatch[]] = [
  [0.28, 0.4, 0.56],
  [0.32, 0.43, 0.3],
  [0.36, 0.24, 0.12],
];
const darkIrises: readonly [Swatch, ...Swatch[]] = [
  [0.2, 0.12, 0.06],
  [0.1, 0.06, 0.04],
];
const clothes: readonly [Swatch, ...Swatch[]] = [
  [0.16, 0.2, 0.3],
  [0.55, 0.56, 0.58],
  [0.42, 0.12, 0.13],
  [0.2, 0.32, 0.24],
  [0.72, 0.68, 0.6],
  [0.12, 0.12, 0.13],
  [0.3, 0.42, 0.56],
  [0.5, 0.36, 0.2],
  [0.38, 0.26, 0.42],
  [0.75, 0.76, 0.78],
];
const trousers: readonly [Swatch, ...Swatch[]] = [
  [0.12, 0.14, 0.2],
  [0.2, 0.2, 0.21],
  [0.3, 0.26, 0.2],
  [0.08, 0.08, 0.09],
];

/** What a population deals out evenly, so that a small cast has no near-twins by accident. */
interface Traits {
  readonly name: string;
  readonly feminine: boolean;
  readonly skin: number;
  readonly style: HairStyle;
  readonly top: number;
}

/**
 * `size` different people (at most 40), the same ones for the same seed. Growing `size` changes who they are.
 */
export function createPopulation(seed: number, size: number): Person[] {
  const random = createRandom(mixSeed(seed, 0x5afe));
  const women = shuffled(random, feminineNames);
  const men = shuffled(random, masculineNames);
  const families = shuffled(random, surnames);
  const skinOrder = shuffled(
    random,
    skins.map((_, i) => i),
  );
  const topOrder = shuffled(
    random,
    clothes.map((_, i) => i),
  );
  const womenStyles = shuffled(random, ['long', 'bob', 'bun', 'fringe', 'curly', 'parted', 'long'] as const);
  const menStyles = shuffled(random, ['crop', 'parted', 'receding', 'curly', 'crop', 'fringe', 'parted'] as const);
  return Array.from({ length: size }, (_, i) => {
    const feminine = i % 2 === 0;
    const half = i >> 1;
    return createPerson(mixSeed(seed, i), {
      name: `${(feminine ? women : men)[half % women.length]} ${families[i % families.length]}`,
      feminine,
      skin: skinOrder[(i + half) % skinOrder.length] ?? 0,
      style: (feminine ? womenStyles : menStyles)[half % 7] ?? 'crop',
      top: topOrder[i % topOrder.length] ?? 0,
    });
  });
}

function linear(swatch: Swatch, shift: number): Colour {
  return [
    toLinear(clamp(swatch[0] + shift, 0.01, 1)),
    toLinear(clamp(swatch[1] + shift, 0.01, 1)),
    toLinear(clamp(swatch[2] + shift * 0.8, 0.01, 1)),
  ];
}

function createPerson(seed: number, traits: Traits): Person {
  const r: Random = createRandom(mixSeed(seed, 77));
  // Wider than nature: at forty pixels a face has little else to be known by.
  const n = () => 1.25 * bell(r);
  const { feminine } = traits;
  const lean = feminine ? -1 : 1;
  const age = clamp(0.35 + n() * 0.35, 0, 1);
  const dark = traits.skin >= 3;
  const grey = age > 0.62 && r() < 0.8;
  const hair = grey ? greyHair : pick(r, dark ? darkHair : lightHair);
  const bearded = !feminine && r() < 0.45;
  const style = traits.style;
  return {
    seed,
    name: traits.name,
    height: 1.7 + lean * 0.05 + n() * 0.06,
    build: 1 + lean * 0.06 + n() * 0.06,
    skin: linear(skins[traits.skin] ?? skins[0], n() * 0.025),
    hairColour: linear(hair, n() * 0.02),
    iris: linear(pick(r, dark ? darkIrises : lightIrises), 0),
    top: linear(clothes[traits.top] ?? clothes[0], n() * 0.02),
    trousers: linear(pick(r, trousers), 0),
    skullWidth: 0.7 + n() * 0.045,
    skullHeight: 0.95 + n() * 0.05,
    skullDepth: 0.82 + n() * 0.03,
    jawWidth: 0.49 + lean * 0.035 + n() * 0.07,
    jawY: -0.55 + n() * 0.05,
    chinSize: clamp(0.235 + lean * 0.02 + n() * 0.05, 0.14, 0.36),
    chinY: -0.8 - lean * 0.015 + n() * 0.05,
    chinForward: 0.38 + n() * 0.05,
    cheekSize: clamp(0.175 - lean * 0.01 + n() * 0.045, 0.08, 0.28),
    cheekY: -0.12 + n() * 0.05,
    browRidge: clamp(0.06 + lean * 0.025 + n() * 0.03, 0, 0.14),
    eyeX: 0.27 + n() * 0.027,
    eyeY: 0.08 + n() * 0.03,
    eyeRadius: 0.125 - lean * 0.004 + n() * 0.012,
    eyeOpen: clamp(0.64 + n() * 0.13, 0.42, 0.9),
    eyeTilt: -lean * 0.02 + n() * 0.12,
    browY: 0.3 + n() * 0.032,
    browThickness: 0.036 + lean * 0.008 + Math.abs(n()) * 0.02,
    browTilt: n() * 0.12,
    browArch: 0.8 + n() * 0.5,
    browStrength: clamp(0.68 + n() * 0.3, 0.25, 1),
    noseLength: 0.36 + n() * 0.055,
    noseWidth: clamp(0.1 + (dark ? 0.012 : 0) + n() * 0.026, 0.05, 0.17),
    noseForward: 0.17 + n() * 0.045,
    noseBridge: clamp(0.045 + n() * 0.014, 0.02, 0.08),
    noseTip: 0.088 + n() * 0.018,
    mouthY: -0.46 + n() * 0.035,
    mouthWidth: 0.22 + n() * 0.04,
    lipThickness: clamp(0.046 - lean * 0.005 + (dark ? 0.01 : 0) + n() * 0.014, 0.022, 0.08),
    lipRed: clamp(0.5 - lean * 0.15 + n() * 0.25, 0.1, 1),
    earSize: 0.16 + n() * 0.03,
    hairStyle: style,
    hairLine: (style === 'fringe' ? 0.42 : style === 'receding' ? 0.82 : 0.62) + n() * 0.05,
    hairVolume:
      (style === 'curly' ? 0.26 : style === 'receding' ? 0.025 : style === 'crop' ? 0.05 : 0.1) * (1 + n() * 0.2),
    beard: bearded ? clamp(0.65 + n() * 0.4, 0.3, 1) : 0,
    moustache: !feminine && (bearded || r() < 0.2) ? clamp(0.7 + n() * 0.3, 0.3, 1) : 0,
    glasses: r() < 0.2,
    freckles: !dark && r() < 0.3 ? 0.4 + r() * 0.6 : 0,
    age,
    moles: r() < 0.4 ? [{ x: (r() - 0.5) * 0.9, y: -0.55 + r() * 0.5 }] : [],
  };
}
