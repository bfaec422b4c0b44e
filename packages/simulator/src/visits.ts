import { createRandom, mixSeed, shuffled } from './random.ts';
import type { Scenario } from './scenarios.ts';

/** One person's walk through the picture: in along a route, perhaps a stop, and out. Times in seconds. */
export interface Visit {
  /** Index into the cast. */
  readonly person: number;
  readonly start: number;
  readonly route: number;
  /** Metres by which this walk is shifted sideways. */
  readonly shift: number;
  /** Metres a second. */
  readonly speed: number;
  readonly pause: number;
  readonly seed: number;
}

/** About how long a visit lasts and how many people are in the picture at once. */
const visitSeconds = 6.2;
const together = 3.6;

/**
 * Who comes when. Everybody has a turn before anybody has the next, and the last sixth begins with a round of its own, so
 * that each person is seen in the part learning may use and again, long enough, in the part kept for evaluation.
 */
export function planVisits(scenario: Scenario, cast: number, options: { readonly seed: number; readonly seconds: number }): Visit[] {
  const { seed, seconds } = options;
  const random = createRandom(mixSeed(seed, 0x715175, scenario.name.length));
  const visits: Visit[] = [];
  const lastSixth = (seconds * 5) / 6;
  // The first people of the last round are already in the picture when the last sixth begins.
  const lastRound = lastSixth - 1.6;
  const lastGap = Math.max(0.2, (seconds - lastRound - visitSeconds * 0.62) / cast);
  const gap = visitSeconds / together;
  const rounds = Math.max(1, Math.round((lastRound + visitSeconds * 0.5) / (gap * cast)));
  const usualGap = (lastRound + visitSeconds * 0.5) / (rounds * cast);
  let route = Math.floor(random() * scenario.routes.length);
  let time = -visitSeconds * 0.5;
  let previous: number[] = [];
  const addRound = (spacing: number) => {
    const order = takingTurns(shuffled(random, [...Array(cast).keys()]), previous);
    for (const person of order) {
      route = (route + 1 + Math.floor(random() * (scenario.routes.length - 1))) % scenario.routes.length;
      visits.push({
        person,
        start: time + (random() - 0.5) * spacing * 0.5,
        route,
        shift: (random() - 0.5) * 0.3,
        speed: scenario.walkingSpeed * (0.85 + random() * 0.3),
        pause: random() < 0.5 ? 0.8 + random() * 1.6 : 0,
        seed: Math.floor(random() * 2 ** 31),
      });
      time += spacing;
    }
    previous = order;
  };
  for (let round = 0; round < rounds; round++) addRound(usualGap);
  time = lastRound;
  addRound(lastGap);
  return visits;
}

/** Nobody who came among the last of one round comes among the first of the next: a person cannot be in two places. */
function takingTurns(order: number[], previous: readonly number[]): number[] {
  const half = Math.floor(order.length / 2);
  const late = new Set(previous.slice(half));
  return previous.length === 0 ? order : [...order.filter((p) => !late.has(p)), ...order.filter((p) => late.has(p))];
}
