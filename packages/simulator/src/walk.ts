import { bearingToCamera } from './camera.ts';
import type { Expression } from './head-shape.ts';
import type { Person } from './person.ts';
import { createRandom, type Random } from './random.ts';
import type { HeadPose } from './render.ts';
import { clamp, mix, smoothstep } from './scalar.ts';
import type { Paths, Scenario } from './scenarios.ts';
import { easeSeconds, routeOf, type Visit, visitTimes } from './visits.ts';

/** A person at one moment. */
export interface Stance {
  /** Metres on the floor. */
  readonly x: number;
  readonly z: number;
  /** Height of the head's origin above the floor. */
  readonly headY: number;
  /** Where the body walks, radians: 0 towards the camera's wall, positive to the right of the picture. */
  readonly heading: number;
  /** The head as the camera sees it. */
  readonly pose: HeadPose;
  readonly expression: Expression;
  /** Phase of the steps, radians, and how wide they are, 0 standing .. 1 walking. */
  readonly step: number;
  readonly stride: number;
}

/** Metres a head unit. */
export const headUnit = 0.115;

/** A walk with everything random about it drawn beforehand, so that any moment can be asked for in any order. */
export interface Walk {
  readonly visit: Visit;
  readonly end: number;
  at(time: number): Stance;
}

/** Smooth aimless motion around 0, about -1..1, that depends on the time alone. */
function createSway(random: Random, seconds: number): (time: number) => number {
  const waves = [1, 0.6, 0.35].map((share, i) => ({
    share,
    rate: ((2 * Math.PI) / seconds) * (1 + i * 0.83) * (0.8 + 0.4 * random()),
    phase: random() * 2 * Math.PI,
  }));
  return (time) => waves.reduce((sum, w) => sum + w.share * Math.sin(w.rate * time + w.phase), 0) / 1.4;
}

export function createWalk(
  scenario: Paths & Pick<Scenario, 'camera' | 'attention'>,
  person: Pick<Person, 'height'>,
  visit: Visit,
): Walk {
  const random = createRandom(visit.seed);
  const route = routeOf(scenario, visit.route);
  const { coming: timeIn, leaving: timeOut } = visitTimes(scenario, visit);
  const ease = visit.pause > 0 ? easeSeconds : 0;
  const [fromX, fromZ] = [route.from[0] + visit.shift, route.from[1]];
  const [stopX, stopZ] = [route.stop[0] + visit.shift, route.stop[1]];
  const [toX, toZ] = [route.to[0] + visit.shift, route.to[1]];
  const lengthIn = Math.hypot(stopX - fromX, stopZ - fromZ);
  const lengthOut = Math.hypot(toX - stopX, toZ - stopZ);
  const headingIn = Math.atan2(stopX - fromX, fromZ - stopZ);
  const headingOut = Math.atan2(toX - stopX, stopZ - toZ);
  const leave = timeIn + visit.pause;
  const end = visit.start + leave + timeOut;
  const lookAround = createSway(random, 4.2);
  const nod = createSway(random, 3.1);
  const lean = createSway(random, 5.3);
  const mood = createSway(random, 6);
  const talk = 0.25 * random();
  const blinkEvery = 2.2 + random() * 2.5;
  const blinkAt = random() * blinkEvery;
  const cadence = 2 * Math.PI * (visit.speed / 0.72) * 0.92;
  const interest = clamp(scenario.attention + (random() - 0.5) * 0.5, 0.1, 0.85);

  /** Metres along a leg, walking steadily but for easing at its standing end. */
  const along = (time: number, total: number, length: number) => {
    if (ease === 0) return (time / total) * length;
    const steady = total - ease;
    if (time < steady) return time * visit.speed;
    const rest = (time - steady) / ease;
    return steady * visit.speed + ease * visit.speed * (rest - (rest * rest) / 2);
  };

  return {
    visit,
    end,
    at(absolute) {
      const time = absolute - visit.start;
      let x: number;
      let z: number;
      if (time <= timeIn) {
        const s = along(time, timeIn, lengthIn) / lengthIn;
        x = mix(fromX, stopX, s);
        z = mix(fromZ, stopZ, s);
      } else {
        const back = clamp(leave + timeOut - time, 0, timeOut);
        const s = 1 - along(back, timeOut, lengthOut) / lengthOut;
        x = mix(stopX, toX, s);
        z = mix(stopZ, toZ, s);
      }
      // Turning takes 1.2 s around the middle of the stop.
      const turnMiddle = timeIn + visit.pause / 2;
      const heading = mix(headingIn, headingOut, smoothstep(turnMiddle - 0.6, turnMiddle + 0.6, time));
      const standing =
        visit.pause > 0 ? smoothstep(timeIn - 0.6, timeIn, time) * smoothstep(leave + 0.6, leave, time) : 0;
      const stride = 1 - standing;
      const step = cadence * time;
      const headY = person.height - 0.125 + 0.018 * stride * Math.sin(2 * step) - 0.01 * standing * lean(absolute);

      const seen = bearingToCamera(scenario.camera, x, headY, z);
      const around = lookAround(absolute);
      const away = heading - seen.azimuth;
      const wander = around * mix(0.2, 0.5, standing);
      const yaw = away * (1 - interest) + wander;
      const pitch = seen.elevation + 0.1 * nod(absolute) - 0.25 * interest * seen.elevation;
      const sinceBlink = (((absolute + blinkAt) % blinkEvery) + blinkEvery) % blinkEvery;
      return {
        x,
        z,
        headY,
        heading,
        pose: { yaw, pitch, roll: 0.07 * lean(absolute) + 0.02 * stride * Math.sin(step) },
        expression: {
          blink: sinceBlink < 0.2 ? Math.sin((sinceBlink / 0.2) * Math.PI) : 0,
          smile: clamp(0.2 + 0.45 * mood(absolute) + talk * Math.sin(absolute * 9), -0.3, 0.9),
          gazeX: clamp(-0.4 * wander, -0.35, 0.35),
          gazeY: 0,
        },
        step,
        stride,
      };
    },
  };
}
