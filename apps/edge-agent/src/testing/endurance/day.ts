import { createRandom, type Random } from '@saface/core';

/** Looks of the scene, in the order in which a pool holds them. */
export const dayLights = ['morning', 'noon', 'evening', 'night'] as const;
export type DayLight = (typeof dayLights)[number];

/** One hour of the simulated day. */
export interface DayHour {
  /** Hours since the start; the first day begins at midnight. */
  readonly hour: number;
  /** People in view at once, on average and at most. */
  readonly inView: number;
  /** How probable each look is; sums to 1. */
  readonly light: Readonly<Record<DayLight, number>>;
  /** People of the pool who come and go at this hour. */
  readonly present: readonly number[];
}

/** People who are there from the first day on; the others arrive one after another. */
export const REGULARS = 10;
/** How long somebody who is no regular keeps coming. */
const STAY_HOURS = 12;

/** Load of a place where people work: nobody at night, most around noon. 0..1 by hour of day. */
const BUSY = [
  0.08, 0.05, 0.05, 0.05, 0.08, 0.15, 0.3, 0.55, 0.8, 0.75, 0.7, 0.85, 1, 0.95, 0.7, 0.65, 0.75, 0.9, 0.6, 0.4, 0.3,
  0.2, 0.15, 0.1,
] as const;

/** Hours at which a look is all there is; between two the one turns into the other. */
const LIGHT_AT: readonly (readonly [number, DayLight])[] = [
  [0, 'night'],
  [5, 'night'],
  [8, 'morning'],
  [11, 'noon'],
  [14, 'noon'],
  [18, 'evening'],
  [21, 'night'],
  [24, 'night'],
];

/** What the `hour`-th hour is like with `people` in the pool and `mostInView` of them at once in the rush. */
export function dayHour(hour: number, { people, mostInView }: { people: number; mostInView: number }): DayHour {
  const ofDay = hour % 24;
  return {
    hour,
    inView: Math.max(0.15, BUSY[ofDay]! * mostInView),
    light: lightAt(ofDay + 0.5),
    present: presentAt(hour, people),
  };
}

function lightAt(time: number): Record<DayLight, number> {
  const shares: Record<DayLight, number> = { morning: 0, noon: 0, evening: 0, night: 0 };
  const next = LIGHT_AT.findIndex(([hour]) => hour > time);
  const [from, before] = LIGHT_AT[next - 1]!;
  const [to, after] = LIGHT_AT[next]!;
  const turned = (time - from) / (to - from);
  shares[before] += 1 - turned;
  shares[after] += turned;
  return shares;
}

/** The regulars, and newcomers: one more each hour from six in the morning on, staying for half a day. */
function presentAt(hour: number, people: number): number[] {
  const present = Array.from({ length: Math.min(REGULARS, people) }, (_, person) => person);
  for (let newcomer = 0; REGULARS + newcomer < people; newcomer++) {
    const arrival = 6 + newcomer;
    if (hour >= arrival && hour < arrival + STAY_HOURS) present.push(REGULARS + newcomer);
  }
  return present;
}

/** A look drawn from an hour's shares. */
export function drawLight({ light }: DayHour, random: Random): DayLight {
  let left = random();
  for (const name of dayLights) {
    left -= light[name];
    if (left < 0) return name;
  }
  return 'night';
}

/** A person in view: one track. */
export interface Visitor {
  readonly trackId: number;
  readonly person: number;
  readonly light: DayLight;
  /** Frames left. */
  left: number;
  age: number;
}

/** Who is in view, frame after frame: people of the hour come in when there is room, each for a track of one to four dozen frames. */
export class Crowd {
  readonly #random: Random;
  readonly #visitors: Visitor[] = [];
  #nextTrack = 0;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  /** Moves on by one frame; `ended` are the tracks that are over with it. */
  advance(hour: DayHour): { readonly visitors: readonly Visitor[]; readonly ended: readonly number[] } {
    const ended: number[] = [];
    for (let i = this.#visitors.length - 1; i >= 0; i--) {
      const visitor = this.#visitors[i]!;
      visitor.left -= 1;
      visitor.age += 1;
      if (visitor.left > 0) continue;
      ended.push(visitor.trackId);
      this.#visitors.splice(i, 1);
    }
    // As many come as leave: a visit lasts about 30 frames.
    if (this.#random() < hour.inView / 30 + 0.1 * Math.max(0, hour.inView - this.#visitors.length)) this.#enter(hour);
    return { visitors: this.#visitors, ended };
  }

  #enter(hour: DayHour): void {
    const free = hour.present.filter((person) => !this.#visitors.some((visitor) => visitor.person === person));
    if (free.length === 0 || this.#visitors.length >= Math.ceil(hour.inView)) return;
    this.#visitors.push({
      trackId: this.#nextTrack++,
      person: free[Math.floor(this.#random() * free.length)]!,
      light: drawLight(hour, this.#random),
      left: 14 + Math.floor(this.#random() * 34),
      age: 0,
    });
  }
}
