import { describeError, SafaceError } from '@saface/core';

/** Progress and errors go to stderr, so that stdout holds nothing but the result. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A line that redraws itself on a terminal and stays quiet in a log until it is done. */
export function progressBar(label: string): (share: number) => void {
  let shown = -1;
  return (share) => {
    const percent = Math.floor(Math.min(1, share) * 100);
    if (percent === shown) return;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r  ${label} ${String(percent).padStart(3)} %${percent >= 100 ? '\n' : ''}`);
    } else if (percent === 0 || percent === 100 || Math.floor(percent / 25) !== Math.floor(shown / 25)) {
      progress(`  ${label} ${percent} %`);
    }
    shown = percent;
  };
}

/** The result: one JSON object on stdout with --json, else the text. */
export function printResult(result: object, { json, text }: { json: boolean; text: () => string }): void {
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${text()}\n`);
}

/** Columns padded to their widest cell; the first is left-aligned, the others right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('   '))
    .join('\n');
}

const exitCodes = {
  'invalid-input': 2,
  unauthenticated: 3,
  forbidden: 3,
  'not-found': 4,
  conflict: 5,
  integrity: 6,
  unsupported: 7,
  unavailable: 8,
  exhausted: 9,
  internal: 1,
} as const satisfies Record<SafaceError['code'], number>;

/** Says what went wrong and what to do, and gives the exit code that tells scripts the same. */
export function reportFailure(error: unknown): number {
  if (error instanceof SafaceError) {
    progress(`✖ ${error.message}\n  ${error.remedy}`);
    return exitCodes[error.code];
  }
  progress(`✖ ${describeError(error)}`);
  if (error instanceof Error && error.stack) progress(error.stack);
  return 1;
}
