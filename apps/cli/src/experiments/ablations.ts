import type { LearningChange } from './learn-cell.ts';

/** Each part of learning switched off (or on, where it is off by default) alone, the rest as the product has it. */
export const ablations: Readonly<Record<string, LearningChange>> = {
  'Algorithm 1 alone: negatives of the same frame': { triplets: { negatives: 'same-frame' } },
  'hardest pairs only': { triplets: { selection: 'exact', positiveQuantile: 1, negativeQuantile: 0 } },
  'without pull to the base': { fineTune: { basePull: 0 } },
  'without average of the weights': { fineTune: { emaDecay: 0 } },
  'held-out tracks choose everything': { fineTune: { usualShare: null } },
  'without centring by conditions, held-out tracks choose the rest': { fineTune: { centring: null } },
  'without training': { fineTune: { passes: 0 } },
  'without altered copies': { copies: false },
  'with altered copies, also on an edge': { copies: true },
  'without whitening': { fineTune: { whitening: null } },
  'whitening without centring': { centring: false },
  'without warm-up and decay': { fineTune: { warmUpSteps: 0, finalRate: 1 } },
  'with a balance of tracks': { selection: { maxTrackShare: 0.05 } },
  'with quality': { selection: { qualityPower: 1 } },
  'only triplets that still teach': { selection: { slack: 0.5 } },
  'one learning rate for every recogniser': { fineTune: { stepShare: null } },
  'from easier to harder pairs': { fineTune: { firstQuantiles: { positive: 0.1, negative: 0.6 } } },
  'from harder to easier pairs': { fineTune: { firstQuantiles: { positive: 0.7, negative: 0.05 } } },
  'a fifth held out, however few tracks': { adapt: { parts: 5, trainings: 1 } },
  'cross-fitting without a training on all parts': { adapt: { withAll: false } },
  'cross-fitting in three parts, however many tracks': { adapt: { parts: 3, trainings: 3 } },
  'with cuts at jumps': { cleaning: { jumps: {} } },
  'with must-link': { cleaning: { mustLink: {} } },
  'without mirrors left out': { cleaning: { mirrors: null } },
};
