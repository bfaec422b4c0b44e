/** Weights of a learner by parameter name. */
export type Weights = ReadonlyMap<string, Float32Array>;

export function copyWeights(weights: Weights): Map<string, Float32Array> {
  return new Map([...weights].map(([name, values]) => [name, values.slice()]));
}

/** Exponential moving average, in place: `average = decay * average + (1 - decay) * current`. */
export function blend(average: Weights, current: Weights, decay: number): void {
  for (const [name, values] of average) {
    const next = current.get(name)!;
    for (let i = 0; i < values.length; i++) values[i] = decay * values[i]! + (1 - decay) * next[i]!;
  }
}

export function meanWeights(all: readonly Weights[]): Map<string, Float32Array> {
  const mean = copyWeights(all[0]!);
  for (const [i, weights] of all.entries()) blend(mean, weights, i / (i + 1));
  return mean;
}

export function weightsAreFinite(weights: Weights): boolean {
  return [...weights.values()].every(allFinite);
}

/** A sum is not finite when one of its terms is not, and adding is faster than asking each; only a sum that overflowed needs that. */
export function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return Number.isFinite(sum) || values.every(Number.isFinite);
}

/** Of one learner. */
export function sameWeights(a: Weights, b: Weights): boolean {
  return [...a].every(([name, values]) => values.every((value, i) => value === b.get(name)![i]));
}
