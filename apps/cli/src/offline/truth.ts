import { readFile } from 'node:fs/promises';
import { type Box, describeError, SafaceError } from '@saface/core';

/** A labelled face: where it is in its frame and who it is. */
export interface TrueFace {
  readonly person: string;
  readonly box: Box;
}

/** Labelled faces by 0-based frame index. */
export type Truth = ReadonlyMap<number, readonly TrueFace[]>;

const columns = {
  frame: ['frame'],
  person: ['person', 'identity'],
  x: ['x'],
  y: ['y'],
  width: ['width', 'w'],
  height: ['height', 'h'],
} as const;

/**
 * Reads labels from a CSV with a header: frame, person (or identity), x, y, width (or w), height (or h); other columns are
 * ignored. Labels are for scoring only: nothing that learns ever sees them.
 * @throws SafaceError `invalid-input` naming the file and line.
 */
export async function readTruth(path: string): Promise<Truth> {
  const bad = (what: string) =>
    new SafaceError(
      'invalid-input',
      `Cannot use the labels in "${path}": ${what}`,
      'Give a CSV whose first line is: frame,person,x,y,width,height',
    );
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw bad(describeError(error));
  }
  const lines = text
    .split(/\r?\n/)
    .map((line, i) => ({ line, number: i + 1 }))
    .filter(({ line }) => line.trim() !== '');
  const header = (lines[0]?.line ?? '').split(',').map((name) => name.trim().toLowerCase());
  const position = (names: readonly string[]): number => {
    const at = header.findIndex((name) => names.includes(name));
    if (at < 0) throw bad(`there is no column "${names[0]}"`);
    return at;
  };
  const at = {
    frame: position(columns.frame),
    person: position(columns.person),
    x: position(columns.x),
    y: position(columns.y),
    width: position(columns.width),
    height: position(columns.height),
  };
  const truth = new Map<number, TrueFace[]>();
  for (const { line, number } of lines.slice(1)) {
    const cells = line.split(',').map((cell) => cell.trim());
    const [frame, x, y, width, height] = [at.frame, at.x, at.y, at.width, at.height].map((c) => numberIn(cells[c]));
    const numbers = [frame, x, y, width, height];
    if (!numbers.every(Number.isFinite) || !Number.isInteger(frame) || frame < 0 || !(width > 0 && height > 0)) {
      throw bad(`line ${number} is not a frame and a box: ${line.slice(0, 80)}`);
    }
    const person = cells[at.person];
    // All who have no name would count as one person.
    if (!person) throw bad(`line ${number} names nobody: ${line.slice(0, 80)}`);
    const faces = truth.get(frame) ?? [];
    faces.push({ person, box: { x, y, width, height } });
    truth.set(frame, faces);
  }
  return truth;
}

/** An empty cell is not 0. */
const numberIn = (cell: string | undefined): number => (cell ? Number(cell) : Number.NaN);
