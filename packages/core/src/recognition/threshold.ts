import { SafaceError } from '../errors.ts';

export interface FalseAlarmBudget {
  /** False names an operator accepts per camera and week. */
  readonly alarmsPerWeek: number;
  /** Tracks of people who are not enrolled, per camera and week. */
  readonly strangersPerWeek: number;
  /** Enrolled identities: each is one more chance of a false name. */
  readonly gallerySize: number;
}

export interface ThresholdChoice {
  /** Accept distances up to this. */
  readonly threshold: number;
  /** False match rate per comparison that the budget allows. */
  readonly falseMatchRate: number;
  /** The sample is too small to have seen so rare an event; the threshold follows the tail's trend instead. */
  readonly extrapolated: boolean;
  readonly explanation: string;
}

/** Share of the closest impostor pairs whose trend is followed where the sample ends. */
const TAIL_SHARE = 0.1;

/**
 * The decision threshold for a budget of false alarms, from distances of known impostor pairs (faces of different people).
 *
 * A stranger meets `gallerySize` identities, so the rate per comparison is the budget over all comparisons of a week.
 * Where that is rarer than one in the sample, the lower tail is continued as an exponential: distance against the
 * logarithm of the rate, a straight line through the closest tenth of the sample.
 *
 * @throws SafaceError `invalid-input` with fewer than 20 distances or a budget that is not positive.
 */
export function thresholdForBudget(impostorDistances: ArrayLike<number>, budget: FalseAlarmBudget): ThresholdChoice {
  const comparisons = budget.strangersPerWeek * Math.max(1, budget.gallerySize);
  const rate = Math.min(1, budget.alarmsPerWeek / Math.max(1, comparisons));
  if (!(rate > 0)) {
    throw new SafaceError(
      'invalid-input',
      `A budget of ${budget.alarmsPerWeek} false alarms over ${budget.strangersPerWeek} strangers a week gives no rate`,
      'Allow a small positive number of false alarms, for example 1 per week.',
    );
  }
  return thresholdForRate(impostorDistances, rate);
}

/** The same for a false match rate per comparison, 0..1. */
export function thresholdForRate(impostorDistances: ArrayLike<number>, falseMatchRate: number): ThresholdChoice {
  const sorted = Float64Array.from(impostorDistances)
    .filter((d) => Number.isFinite(d))
    .sort();
  if (sorted.length < 20 || !(falseMatchRate > 0 && falseMatchRate <= 1)) {
    throw new SafaceError(
      'invalid-input',
      `Cannot place a threshold for a false match rate of ${falseMatchRate} from ${sorted.length} impostor distances`,
      'Collect at least 20 pairs of different people and ask for a rate above 0 and up to 1.',
    );
  }
  const allowed = Math.floor(falseMatchRate * sorted.length + 1e-9);
  const rateText = `one in ${Math.round(1 / falseMatchRate).toLocaleString('en-US')} comparisons`;
  if (allowed >= 1) {
    // Half-way between the last pair that may pass and the first that may not.
    const last = sorted[allowed - 1]!;
    const next = sorted[allowed];
    const threshold = next === undefined ? last : next > last ? (last + next) / 2 : below(sorted, last);
    return {
      threshold,
      falseMatchRate,
      extrapolated: false,
      explanation: `Of ${sorted.length} pairs of different people, ${allowed} at most come closer than this: ${rateText}.`,
    };
  }
  return {
    threshold: Math.max(0, Math.min(extrapolate(sorted, falseMatchRate), sorted[0]!)),
    falseMatchRate,
    extrapolated: true,
    explanation: `${sorted.length} pairs of different people are too few to see ${rateText}; the threshold continues the trend of the closest ${Math.round(TAIL_SHARE * 100)} %.`,
  };
}

/** The largest distance smaller than `value`, or `value` minus a little when it is the smallest: ties stay outside. */
function below(sorted: Float64Array, value: number): number {
  const first = sorted.indexOf(value);
  return first > 0 ? (sorted[first - 1]! + value) / 2 : value - 1e-6 * (1 + Math.abs(value));
}

/** Least squares of distance on ln(rate) over the closest tenth, read at `rate`. */
function extrapolate(sorted: Float64Array, rate: number): number {
  const count = Math.max(5, Math.floor(sorted.length * TAIL_SHARE));
  let sx = 0;
  let sy = 0;
  let sxx = 0;
  let sxy = 0;
  for (let i = 0; i < count; i++) {
    const x = Math.log((i + 0.5) / sorted.length);
    const y = sorted[i]!;
    sx += x;
    sy += y;
    sxx += x * x;
    sxy += x * y;
  }
  const slope = (count * sxy - sx * sy) / (count * sxx - sx * sx);
  return (sy - slope * sx) / count + slope * Math.log(rate);
}
