import { z } from 'zod';

/**
 * What a number or text from outside may be so that everything on its way can hold it, the database last: one that it cannot hold
 * would block everything queued behind it.
 */
const LARGEST_INTEGER = 2 ** 31 - 1;
/** The end of the year 9999. */
const LAST_MOMENT = 253_402_300_799_999;

/** Whole, 0..2^31 - 1. */
export const countSchema = z.number().int().min(0).max(LARGEST_INTEGER);
/** Unix epoch milliseconds, 1970 to 9999. */
export const momentSchema = z.number().min(0).max(LAST_MOMENT);
/** Without the character NUL, which PostgreSQL's text does not have. */
export const textSchema = z.string().regex(/^[^\0]*$/, 'holds the character NUL');

/** Text that is shown and not acted upon: what is longer is cut off, because refusing it would block everything queued behind it. */
export const shownTextSchema = (most: number) =>
  textSchema.transform((text) => (text.length > most ? `${text.slice(0, most - 1)}…` : text));
