import type { Box } from '@saface/core';

/** One line of a truth file. */
export interface TruthRow {
  readonly frame: number;
  readonly person: string;
  readonly box: Box;
}

export const truthHeader = 'frame,person,x,y,width,height';

/** Rows as CSV, pixels with one decimal. Names contain no commas. */
export function formatTruth(rows: readonly TruthRow[]): string {
  const lines = rows.map(({ frame, person, box }) =>
    [frame, person, ...[box.x, box.y, box.width, box.height].map((v) => v.toFixed(1))].join(','),
  );
  return `${[truthHeader, ...lines].join('\n')}\n`;
}
