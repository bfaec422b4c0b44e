import type { Colour } from '../person.ts';
import { createRandom, mixSeed } from '../random.ts';
import { clamp, mix, smoothstep } from '../scalar.ts';
import type { YardLight } from './paint.ts';

/** The light over the yard at one time. */
export interface YardMoment {
  /** 0 the sun behind clouds .. 1 a clear sky. */
  readonly clear: number;
  /** Direction towards the sun, length 1. */
  readonly towards: readonly [number, number, number];
  readonly sun: Colour;
  readonly sky: Colour;
}

export type Daylight = (time: number) => YardMoment;

/** A working day in `seconds`: white in the morning, low and warm at the end, clouds passing all the time. */
export function createDaylight({ seed, seconds }: { seed: number; seconds: number }): Daylight {
  const random = createRandom(mixSeed(seed, 0x5017));
  const waves = [31, 17, 9].map((period) => ({
    rate: (2 * Math.PI) / (period * (0.8 + 0.4 * random())),
    phase: random() * 2 * Math.PI,
  }));
  return (time) => {
    const day = clamp(time / seconds, 0, 1);
    const wave = waves.reduce((sum, w, i) => sum + Math.sin(w.rate * time + w.phase) / (1 + 0.6 * i), 0) / 1.9;
    const clear = smoothstep(-0.75, 0.35, wave);
    const evening = smoothstep(0.25, 1, day);
    const warmth = mix(0.02, 0.3, evening);
    const strength = mix(1.35, 0.95, evening) * mix(0.12, 1, clear);
    const height = mix(0.75, 0.3, evening);
    const side = mix(0.9, -0.2, day);
    const flat = Math.sqrt(1 - height * height);
    const around = mix(0.5, 0.34, evening) * mix(1.25, 1, clear);
    return {
      clear,
      towards: [flat * Math.sin(side), height, flat * Math.cos(side)],
      sun: [strength * (1 + warmth), strength, strength * (1 - 1.3 * warmth)],
      // What does not come from the sun comes from the blue sky, or from grey clouds.
      sky: [around * mix(1, 0.86, clear), around, around * mix(1, 1.22, clear)],
    };
  };
}

/** The house throws its shade over the left-hand side of the yard. */
export function isInShade(x: number, z: number): boolean {
  return x < -1.2 + 0.22 * (z - 11);
}

/** The light on somebody there: in the shade of the house only the sky and a little of what the ground sends back. */
export function lightAt(moment: YardMoment, inShade: boolean): YardLight {
  const { towards, sun, sky } = moment;
  const share = inShade ? 0.07 : 1;
  return { towards, sun: [sun[0] * share, sun[1] * share, sun[2] * share], sky };
}
