import { z } from 'zod';

export const timeZoneInput = z.string().refine(isTimeZone, 'a time zone looks like Europe/Berlin');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
