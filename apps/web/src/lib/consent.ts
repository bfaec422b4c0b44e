/** Whether a consent has ended; `now` 0 = not known yet, as on the server. */
export const hasEnded = (expiresAt: number | null, now: number): boolean =>
  expiresAt !== null && now > 0 && expiresAt < now;

/** Days after the end of a consent in which it can be renewed; then everything of the person is erased. */
export const CONSENT_GRACE_DAYS = 30;
