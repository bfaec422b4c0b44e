export const toMs = (date: Date): number => date.getTime();
export const toMsOrNull = (date: Date | null | undefined): number | null => date?.getTime() ?? null;
/** An agent that pulled within this time is online; it pulls about once a second. */
export const ONLINE_WITHIN_MS = 10_000;
export const isOnline = (lastSeenAt: Date | null | undefined, now = Date.now()): boolean =>
  lastSeenAt != null && now - lastSeenAt.getTime() < ONLINE_WITHIN_MS;
