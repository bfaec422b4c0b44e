/** One line of a chart; points in data units. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly label?: string }[];
}

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** A value of y that all are compared with: a dashed line with its name. */
  readonly reference?: { readonly name: string; readonly y: number };
}

const SIZE = { width: 640, height: 400, left: 72, right: 24, top: 48, bottom: 84 } as const;
/** Told apart in print and by most colour-blind readers. */
const COLOURS = ['#1f5fa8', '#c8552b', '#3a7d44', '#7a4fa3'];

/** A line chart as SVG text: axes with round ticks, a marker and label at every point, a legend below. */
export function svgChart({ title, x, y, series, reference }: Chart): string {
  const points = series.flatMap((s) => s.points);
  const xs = axis(points.map((p) => p.x));
  const ys = axis([...points.map((p) => p.y), ...(reference ? [reference.y] : [])]);
  const { width, height, left, right, top, bottom } = SIZE;
  const px = (v: number) => left + ((v - xs.low) / (xs.high - xs.low)) * (width - left - right);
  const py = (v: number) => height - bottom - ((v - ys.low) / (ys.high - ys.low)) * (height - top - bottom);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title><rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="${left}" y="24" font-size="15" font-weight="bold">${escaped(title)}</text>`,
    ...xs.ticks.map(
      (v) =>
        `<line x1="${n(px(v))}" x2="${n(px(v))}" y1="${top}" y2="${height - bottom}" stroke="#e4e4e4"/><text x="${n(px(v))}" y="${height - bottom + 18}" text-anchor="middle">${tick(v)}</text>`,
    ),
    ...ys.ticks.map(
      (v) =>
        `<line x1="${left}" x2="${width - right}" y1="${n(py(v))}" y2="${n(py(v))}" stroke="#e4e4e4"/><text x="${left - 8}" y="${n(py(v) + 4)}" text-anchor="end">${tick(v)}</text>`,
    ),
    `<text x="${(left + width - right) / 2}" y="${height - bottom + 38}" text-anchor="middle">${escaped(x)}</text>`,
    `<text x="18" y="${(top + height - bottom) / 2}" text-anchor="middle" transform="rotate(-90 18 ${(top + height - bottom) / 2})">${escaped(y)}</text>`,
    ...(reference
      ? [
          `<line x1="${left}" x2="${width - right}" y1="${n(py(reference.y))}" y2="${n(py(reference.y))}" stroke="#555" stroke-dasharray="6 4"/><text x="${width - right - 4}" y="${n(py(reference.y) - 6)}" text-anchor="end" fill="#555">${escaped(reference.name)}</text>`,
        ]
      : []),
    ...series.flatMap((s, i) => seriesParts(s, { colour: COLOURS[i % COLOURS.length], px, py, index: i })),
    '</svg>',
  ];
  return `${parts.join('\n')}\n`;
}

function seriesParts(
  { name, points }: Series,
  { colour, px, py, index }: { colour: string; px: (v: number) => number; py: (v: number) => number; index: number },
): string[] {
  const at = points.map((p) => `${n(px(p.x))},${n(py(p.y))}`);
  const legend = { x: SIZE.left + index * 260, y: SIZE.height - 18 };
  return [
    `<polyline points="${at.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...points.map(
      (p) =>
        `<circle cx="${n(px(p.x))}" cy="${n(py(p.y))}" r="4" fill="${colour}"/>${p.label ? `<text x="${n(px(p.x))}" y="${n(py(p.y) - 9)}" text-anchor="middle" fill="${colour}">${escaped(p.label)}</text>` : ''}`,
    ),
    `<rect x="${legend.x}" y="${legend.y - 9}" width="12" height="12" fill="${colour}"/><text x="${legend.x + 18}" y="${legend.y + 2}">${escaped(name)}</text>`,
  ];
}

/** Round limits around the values with about five ticks. */
export function axis(values: readonly number[]): { low: number; high: number; ticks: number[] } {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const size = Math.max(Math.abs(most), Math.abs(least), 1);
  // Values that differ by rounding alone are one value.
  const span = most - least > size * 1e-9 ? most - least : size * 0.1;
  const raw = span / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= raw) ?? 10);
  const low = Math.floor(least / step - 0.25) * step;
  const high = Math.ceil(most / step + 0.25) * step;
  const count = Math.round((high - low) / step);
  return { low, high, ticks: Array.from({ length: count + 1 }, (_, i) => low + i * step) };
}

function tick(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function n(value: number): string {
  return value.toFixed(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
