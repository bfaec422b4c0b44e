/** A piece of a series' line, for legends; `color` is a number of the chart palette. */
export function LegendMark({ color, dash }: { color: number; dash?: string }) {
  return (
    <svg width="18" height="8" aria-hidden="true">
      <line x1="0" y1="4" x2="18" y2="4" stroke={`var(--chart-${color})`} strokeWidth="2.5" strokeDasharray={dash} />
    </svg>
  );
}
