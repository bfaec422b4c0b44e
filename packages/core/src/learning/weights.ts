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

export function weightsAreFinite(weights: Weights): boolean {
  for (const values of weights.values()) for (const v of values) if (!Number.isFinite(v)) return false;
  return true;
}
