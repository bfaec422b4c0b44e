export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Labelled {
  readonly box: Rectangle;
  /** Width of the label. */
  readonly width: number;
}

/** Rows above a box that are tried before its label lies over another. */
const ROWS = 4;

/**
 * Places the label of each box above it, or, where another label or the picture's edge is in the way, below it, along its right side, or in
 * a row farther up. The first come first; one that finds no room lies over others rather than vanish.
 * @param bounds of the picture; `height` of a label and the `gap` between it and its box, all in the same pixels
 */
export function placeLabels(
  faces: readonly Labelled[],
  { bounds, height, gap }: { bounds: { width: number; height: number }; height: number; gap: number },
): Rectangle[] {
  const placed: Rectangle[] = [];
  for (const { box, width } of faces) {
    const inside = (x: number) => Math.min(Math.max(0, x), Math.max(0, bounds.width - width));
    const above = box.y - gap - height;
    const below = Math.min(box.y + box.height + gap, bounds.height - height);
    const [left, right] = [inside(box.x), inside(box.x + box.width - width)];
    const rows = Array.from({ length: ROWS }, (_, row) => above - (row + 1) * (height + gap));
    const places = [
      { x: left, y: above },
      { x: left, y: below },
      { x: right, y: above },
      { x: right, y: below },
      ...rows.map((y) => ({ x: left, y })),
    ].filter(({ y }) => y >= 0);
    const free = places.find((place) => !placed.some((other) => overlap({ ...place, width, height }, other)));
    const { x, y } = free ?? places[0] ?? { x: left, y: Math.max(0, below) };
    placed.push({ x, y, width, height });
  }
  return placed;
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
