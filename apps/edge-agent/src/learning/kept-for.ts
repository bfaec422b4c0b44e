/** Faces are kept no longer for learning than the control plane keeps pictures of events, unless told otherwise. */
export const KEPT_MS = 30 * 24 * 3_600_000;

/** A clock that says less was never set: its times tell no age. */
const CLOCK_WAS_SET = Date.UTC(2020, 0, 1);

/** Whether what was seen or written at `time` (Unix epoch ms) has been kept for as long as it may be. */
export const isTooOld = (time: number, now: Date): boolean => time > CLOCK_WAS_SET && time < now.getTime() - KEPT_MS;
