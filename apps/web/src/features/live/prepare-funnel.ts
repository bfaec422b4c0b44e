export interface Funnel {
  seconds: number;
  frames: number | null;
  faces: number | null;
  goodCrops: number | null;
  matched: number;
}

export interface FunnelStep {
  label: string;
  count: number | null;
  /** Of the largest step, 0..1, for the length of its bar; null when not measured. */
  share: number | null;
}

export interface PreparedFunnel {
  steps: FunnelStep[];
  /** Why fewer arrive than one might expect, in words; null when there is nothing to say. */
  advice: string | null;
}

/** Why is there no name? The steps from frames to matched faces, and at which of them they get lost. */
export function prepareFunnel(funnel: Funnel): PreparedFunnel {
  const counts = [funnel.frames, funnel.faces, funnel.goodCrops, funnel.matched];
  const largest = Math.max(1, ...counts.map((c) => c ?? 0));
  const labels = ['Frames', 'Faces', 'Good crops', 'Matched'];
  return {
    steps: labels.map((label, i) => ({
      label,
      count: counts[i],
      share: counts[i] === null ? null : (counts[i] ?? 0) / largest,
    })),
    advice: advise(funnel),
  };
}

function advise({ frames, faces, goodCrops, matched }: Funnel): string | null {
  if (frames === null || frames === 0) return 'No frames arrive: check the camera under Fleet.';
  if (faces === 0)
    return 'Frames arrive without faces: nobody is there, or faces are smaller than the least face size.';
  if (faces !== null && goodCrops !== null && faces >= 10 && goodCrops < faces / 4)
    return 'Most faces are too small, blurred or turned away: move the camera closer or add light.';
  if (goodCrops !== null && goodCrops >= 10 && matched === 0)
    return 'Faces are good but nobody matches: nobody on camera is enrolled, or the threshold is too strict.';
  return null;
}
