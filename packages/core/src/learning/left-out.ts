/** Why tracks, or parts of them, do not take part in learning. */
export const leftOutReasons = ['static', 'mirror', 'jump'] as const;
export type LeftOutReason = (typeof leftOutReasons)[number];

/** A track that learning left out or changed, for people to look at. */
export interface LeftOut {
  readonly trackKey: string;
  readonly reason: LeftOutReason;
  /** In words, with the numbers that decided. */
  readonly detail: string;
}
