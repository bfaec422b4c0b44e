import { createRandom, mixSeed, shuffled } from './random.ts';
import type { Paths, Route } from './scenarios.ts';

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

/** About how many people are in the picture at once. */
const together = 4.2;
/** Seconds a person takes to come to a stand, or to get going again. */
export const easeSeconds = 0.7;

/** How long each part of a visit lasts, in seconds. */
export function visitTimes(scenario: Paths, visit: Omit<Visit, 'person' | 'start' | 'seed'>) {
  const route = routeOf(scenario, visit.route);
  const ease = visit.pause > 0 ? easeSeconds : 0;
  const leg = (a: readonly [number, number], b: readonly [number, number]) =>
    Math.hypot(b[0] - a[0], b[1] - a[1]) / visit.speed + ease / 2;
  const coming = leg(route.from, route.stop);
  const leaving = leg(route.stop, route.to);
  return { coming, leaving, total: coming + visit.pause + leaving };
}

export function routeOf(scenario: Paths, index: number): Route {
  const route = scenario.routes[index];
  if (route === undefined) throw new RangeError(`scenario ${scenario.name} has no route ${index}`);
  return route;
}

/**
 * Who comes when. Everybody has a turn before anybody has the next, and the last sixth begins with a round of its own, so
 * that each person is seen in the part learning may use and again, long enough, in the part kept for evaluation. Nobody is
 * in two places at once.
 */
export function planVisits(
  scenario: Paths,
  cast: number,
  options: { readonly seed: number; readonly seconds: number },
): Visit[] {
  const { seed, seconds } = options;
  const random = createRandom(mixSeed(seed, 0x715175, scenario.name.length));
  const visits: Visit[] = [];
  const freeFrom = new Map<number, number>();
  const people = [...Array(cast).keys()];
  let route = Math.floor(random() * scenario.routes.length);

  const typical =
    scenario.routes.reduce(
      (sum, _, index) =>
        sum + visitTimes(scenario, { route: index, shift: 0, speed: scenario.walkingSpeed, pause: 0.8 }).total,
      0,
    ) / scenario.routes.length;
  const before = (seconds * 5) / 6;
  // Some of the last round are in the picture when the last sixth begins; its last ones still get over half of their walk.
  const lastFrom = before - 0.1 * typical;
  const lastGap = Math.max(0.15, (seconds - 0.66 * typical - lastFrom) / (cast - 1));

  const addRound = (from: number, gap: number) => {
    let waiting = shuffled(random, people);
    if (from === lastFrom) waiting.sort((a, b) => (freeFrom.get(a) ?? 0) - (freeFrom.get(b) ?? 0));
    for (let turn = 0; turn < cast; turn++) {
      const time = from + turn * gap + (random() - 0.5) * gap * 0.4;
      const free = (person: number) => freeFrom.get(person) ?? Number.NEGATIVE_INFINITY;
      const person = waiting.find((p) => free(p) <= time) ?? waiting.reduce((a, b) => (free(b) < free(a) ? b : a));
      waiting = waiting.filter((p) => p !== person);
      // A route other than the last one taken, so that two people do not walk in step.
      route = (route + 1 + Math.floor(random() * (scenario.routes.length - 1))) % scenario.routes.length;
      const visit: Visit = {
        person,
        start: Math.max(time, free(person) + 0.2),
        route,
        shift: (random() - 0.5) * 0.24,
        speed: scenario.walkingSpeed * (0.88 + random() * 0.24),
        pause: random() < 0.5 ? 0.8 + random() * 1.4 : 0,
        seed: Math.floor(random() * 2 ** 31),
      };
      visits.push(visit);
      freeFrom.set(person, visit.start + visitTimes(scenario, visit).total);
    }
  };

  const start = -0.4 * typical;
  const span = lastFrom - start;
  const rounds = Math.max(1, Math.round((span * together) / (typical * cast)));
  for (let round = 0; round < rounds; round++) addRound(start + (round * span) / rounds, span / (rounds * cast));
  addRound(lastFrom, lastGap);
  return visits;
}
