import type { ProbeObservation } from './learning-set.ts';

/** Observations for tests: `plan[track]` lists the frames in which the track was seen. */
export function observe(plan: Readonly<Record<string, readonly number[]>>): ProbeObservation[] {
  return Object.entries(plan).flatMap(([trackKey, frames]) =>
    frames.map((frame) => ({
      trackKey,
      frameKey: `f${frame}`,
      frame,
      time: frame * 40,
      quality: 1,
      box: { x: frame * 3, y: 0, width: 40, height: 40 },
    })),
  );
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
}
