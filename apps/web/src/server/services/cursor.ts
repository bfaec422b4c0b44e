import { SafaceError } from '@saface/core';

/** A place in a list that is ordered by time, newest first, then id. */
export interface Place {
  readonly time: Date;
  readonly id: string;
}

export const encodeCursor = ({ time, id }: Place): string =>
  Buffer.from(`${time.getTime()}|${id}`).toString('base64url');

export function decodeCursor(cursor: string | null | undefined): Place | null {
  if (!cursor) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const bar = text.indexOf('|');
  const time = Number(text.slice(0, bar));
  if (bar < 1 || !Number.isSafeInteger(time))
    throw new SafaceError('invalid-input', 'This page of the list does not exist', 'Start again at the first page.');
  return { time: new Date(time), id: text.slice(bar + 1) };
}

/** Cuts the one row too many that was asked for, to know whether there is a next page. */
export function pageOf<T>(rows: readonly T[], limit: number, placeOf: (row: T) => Place) {
  const items = rows.slice(0, limit);
  const nextCursor = rows.length > limit ? encodeCursor(placeOf(items[items.length - 1])) : null;
  return { items, nextCursor };
}
