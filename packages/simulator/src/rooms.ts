import type { Colour } from './person.ts';
import { smoothstep, valueNoise } from './scalar.ts';

/**
 * A rectangle of the room, at right angles to one axis (0 x, 1 y, 2 z). `from` and `to` bound the other two axes in their
 * order. `paint` gives the surface's colour from these two coordinates in metres.
 */
export interface Panel {
  readonly axis: 0 | 1 | 2;
  readonly at: number;
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly paint: (u: number, v: number) => Colour;
  /** Shines by itself instead of being lit. */
  readonly glows?: boolean;
  /** Mirrors this share of the light. */
  readonly polish?: number;
}

const shade = (c: Colour, k: number): Colour => [c[0] * k, c[1] * k, c[2] * k];

/** 1 inside a tile, less in the joint between tiles. */
function joint(u: number, v: number, size: number, width: number): number {
  const du = Math.abs(u / size - Math.round(u / size)) * size;
  const dv = Math.abs(v / size - Math.round(v / size)) * size;
  return 0.6 + 0.4 * smoothstep(width * 0.4, width, Math.min(du, dv));
}

function tiles(colour: Colour, size: number): (u: number, v: number) => Colour {
  return (u, v) => {
    const one = valueNoise(Math.round(u / size - 0.5) * 3.7, Math.round(v / size - 0.5) * 5.3, 4);
    const grain = valueNoise(u * 9, v * 9, 1);
    return shade(colour, (0.86 + 0.16 * one + 0.14 * grain) * joint(u, v, size, 0.014));
  };
}

/** A plastered wall with a darker dado, a rail above it and a skirting board; `height` is the first coordinate if `upFirst`. */
function wall(upper: Colour, lower: Colour, upFirst: boolean): (u: number, v: number) => Colour {
  return (u, v) => {
    const y = upFirst ? u : v;
    const along = upFirst ? v : u;
    const plaster = 0.93 + 0.1 * valueNoise(along * 1.7, y * 1.7, 2) + 0.04 * valueNoise(along * 40, y * 40, 3);
    if (y < 0.12) return shade(lower, 0.45);
    if (y > 0.98 && y < 1.05) return shade(lower, 0.6);
    const scuff = y < 0.98 ? 1 - 0.12 * smoothstep(0.62, 0.85, valueNoise(along * 3, y * 5, 8)) : 1;
    return shade(y < 1 ? lower : upper, plaster * scuff);
  };
}

function plain(colour: Colour): (u: number, v: number) => Colour {
  return (u, v) => shade(colour, 0.94 + 0.1 * valueNoise(u * 3, v * 3, 5));
}

function door(colour: Colour): (u: number, v: number) => Colour {
  return (u, v) => {
    const panelled = Math.abs(u % 0.5) < 0.03 || Math.abs(v % 0.7) < 0.03;
    return shade(colour, (panelled ? 0.75 : 1) * (0.92 + 0.14 * valueNoise(u * 26, v * 2, 6)));
  };
}

const cream: Colour = [0.5, 0.45, 0.36];
const olive: Colour = [0.22, 0.23, 0.17];
const wood: Colour = [0.2, 0.12, 0.07];
const corridorWall = wall(cream, olive, true);
const half = 1.35;

/** One long wall with openings where people come and go: wall pieces, lintels and the dark rooms behind. */
function sideWall(x: number, openings: readonly (readonly [number, number])[]): Panel[] {
  const panels: Panel[] = [];
  const piece = (z0: number, z1: number, y0 = 0, y1 = 3.1) =>
    panels.push({ axis: 0, at: x, from: [y0, z0], to: [y1, z1], paint: corridorWall });
  let z = -1;
  for (const [start, end] of openings) {
    piece(z, start);
    piece(start, end, 2.15);
    const back = x + Math.sign(x) * 1.3;
    panels.push({ axis: 0, at: back, from: [0, start - 2], to: [3.1, end + 2], paint: plain([0.14, 0.12, 0.1]) });
    const reach: [number, number] = [Math.min(x, back), Math.max(x, back)];
    panels.push({ axis: 2, at: end + 0.02, from: [reach[0], 0], to: [reach[1], 3.1], paint: plain([0.16, 0.13, 0.1]) });
    panels.push({
      axis: 1,
      at: 0,
      from: [reach[0], start - 2],
      to: [reach[1], end + 2],
      paint: plain([0.14, 0.12, 0.1]),
    });
    // Door frame
    panels.push({
      axis: 0,
      at: x - Math.sign(x) * 0.015,
      from: [0, start - 0.09],
      to: [2.24, start],
      paint: plain(wood),
    });
    panels.push({ axis: 0, at: x - Math.sign(x) * 0.015, from: [0, end], to: [2.24, end + 0.09], paint: plain(wood) });
    z = end;
  }
  piece(z, 14);
  return panels;
}

export const corridorRoom: readonly Panel[] = [
  { axis: 1, at: 0, from: [-half, -1], to: [half, 14], paint: tiles([0.33, 0.27, 0.2], 0.45), polish: 0.06 },
  { axis: 1, at: 3.1, from: [-half, -1], to: [half, 14], paint: plain([0.55, 0.52, 0.47]) },
  { axis: 2, at: 14, from: [-half, 0], to: [half, 3.1], paint: wall(cream, olive, false) },
  { axis: 2, at: 13.95, from: [-0.55, 0], to: [0.55, 2.2], paint: door(wood) },
  ...sideWall(-half, [
    [4.6, 5.6],
    [6.5, 7.5],
  ]),
  ...sideWall(half, [
    [4.2, 5.2],
    [6.5, 7.5],
  ]),
  // Notice boards
  {
    axis: 0,
    at: -half + 0.01,
    from: [1.25, 8.05],
    to: [1.85, 8.9],
    paint: (u, v) => (valueNoise(u * 5, v * 5, 9) > 0.5 ? [0.5, 0.48, 0.4] : [0.28, 0.2, 0.13]),
  },
  { axis: 0, at: half - 0.01, from: [1.3, 9.2], to: [1.9, 10.4], paint: plain([0.16, 0.25, 0.3]) },
];

const pale: Colour = [0.46, 0.47, 0.48];
const slate: Colour = [0.3, 0.31, 0.33];
const backWall = 6.3;
const doorLeft = -1.15;
const doorRight = 0.75;
const doorTop = 2.45;
/** A street in daylight: sky, a row of houses with windows, a hedge before them. */
const outside = (u: number, v: number): Colour => {
  const roof = 3.1 + 0.6 * valueNoise(Math.floor(u / 2.6) * 7.7, 1, 1);
  const inWindow = Math.abs((u % 1.3) + (u < 0 ? 1.3 : 0) - 0.65) < 0.26 && Math.abs((v % 1.25) - 0.7) < 0.36;
  const house: Colour = inWindow
    ? [0.95, 1.02, 1.1]
    : shade([1.75, 1.68, 1.58], 0.85 + 0.3 * valueNoise(Math.floor(u / 2.6) * 3.1, 2, 2));
  const base: Colour = v > roof ? [2.9, 3.05, 3.3] : house;
  const hedge =
    smoothstep(0.95, 0.8, v - 0.25 * valueNoise(u * 3, 0, 3)) * (0.75 + 0.5 * valueNoise(u * 3.1, v * 3.7, 4));
  return [base[0] * (1 - 0.72 * hedge), base[1] * (1 - 0.66 * hedge), base[2] * (1 - 0.75 * hedge)];
};
const mullion = (x: number): Panel => ({
  axis: 2,
  at: backWall - 0.02,
  from: [x - 0.035, 0],
  to: [x + 0.035, doorTop],
  paint: plain([0.08, 0.085, 0.09]),
});

export const entranceRoom: readonly Panel[] = [
  { axis: 1, at: 0, from: [-3, -1], to: [3, backWall], paint: tiles([0.27, 0.27, 0.28], 0.6), polish: 0.16 },
  { axis: 1, at: 0, from: [-6, backWall], to: [6, 16], paint: tiles([1.25, 1.24, 1.22], 0.8), glows: true },
  { axis: 1, at: 3, from: [-3, -1], to: [3, backWall], paint: plain([0.5, 0.5, 0.5]) },
  { axis: 0, at: -2.6, from: [0, -1], to: [3, backWall], paint: wall(pale, slate, true) },
  { axis: 0, at: 2.5, from: [0, -1], to: [3, backWall], paint: wall(pale, slate, true) },
  { axis: 2, at: backWall, from: [-3, 0], to: [doorLeft, 3], paint: wall(pale, slate, false) },
  { axis: 2, at: backWall, from: [doorRight, 0], to: [3, 3], paint: wall(pale, slate, false) },
  { axis: 2, at: backWall, from: [doorLeft, doorTop], to: [doorRight, 3], paint: plain([0.2, 0.2, 0.21]) },
  { axis: 2, at: 16, from: [-9, 0], to: [9, 6], paint: outside, glows: true },
  mullion(doorLeft + 0.03),
  mullion((doorLeft + doorRight) / 2),
  mullion(doorRight - 0.03),
  {
    axis: 2,
    at: backWall - 0.03,
    from: [doorLeft, doorTop - 0.08],
    to: [doorRight, doorTop],
    paint: plain([0.08, 0.085, 0.09]),
  },
  // A picture and a plant stand on the right-hand side
  {
    axis: 2,
    at: backWall - 0.02,
    from: [1.25, 1.2],
    to: [1.85, 2.0],
    paint: (u, v) => (valueNoise(u * 4, v * 4, 11) > 0.55 ? [0.35, 0.2, 0.12] : [0.14, 0.22, 0.3]),
  },
  { axis: 2, at: 5.6, from: [1.35, 0], to: [1.75, 0.62], paint: plain([0.16, 0.12, 0.09]) },
];
