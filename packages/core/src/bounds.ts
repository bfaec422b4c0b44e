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
/** Half a surrogate pair is no character: PostgreSQL's JSON refuses it, and UTF-8 makes something else of it on its way. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** As PostgreSQL can hold it, in columns and in JSON. */
export const storableText = (text: string): string => wellFormed(text).replaceAll('\0', '\ufffd');

/** Without the character NUL, which PostgreSQL's text does not have. */
export const textSchema = z
  .string()
  .regex(/^[^\0]*$/, 'holds the character NUL')
  .overwrite(wellFormed);

/**
 * Text that is shown and not acted upon: what is longer is cut off and what cannot be held is replaced, because refusing it would block
 * everything queued behind it.
 */
export const shownTextSchema = (most: number) => z.string().overwrite((text) => cutOff(storableText(text), most));

function cutOff(text: string, most: number): string {
  if (text.length <= most) return text;
  // The cut may have gone through a pair.
  return `${text.slice(0, most - 1).replace(/\p{Surrogate}$/u, '')}…`;
}
