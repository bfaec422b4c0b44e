import { SafaceError } from '../errors.ts';
import { type TailSample, tailInterval, tailLine } from './impostor-tail.ts';

export interface FalseAlarmBudget {
  /** False names an operator accepts per camera and week. */
  readonly alarmsPerWeek: number;
  /** Tracks of people who are not enrolled, per camera and week. */
  readonly strangersPerWeek: number;
  /** Enrolled identities: each is one more chance of a false name. */
  readonly gallerySize: number;
}

/**
 * `measured`: the sample holds pairs this rare. `extrapolated`: they are up to a hundred times rarer than the sample shows,
 * and the threshold continues its tail. `unknown`: rarer still; the threshold is a guess that errs towards "unknown person".
 */
export type ThresholdCertainty = 'measured' | 'extrapolated' | 'unknown';

export interface ThresholdChoice {
  /** Accept distances up to this. */
  readonly threshold: number;
  /** False match rate per comparison that was asked for. */
  readonly falseMatchRate: number;
  readonly certainty: ThresholdCertainty;
  /** The sample is too small to have seen so rare an event; the threshold follows the tail's trend instead. */
  readonly extrapolated: boolean;
  /** False match rate at this threshold that chance does not exceed, with 95 % confidence; null where nothing is known. */
  readonly rateAtMost: number | null;
  readonly explanation: string;
}

export interface BudgetThreshold extends ThresholdChoice {
  /** False names a week that 95 % confidence allows for at this threshold; null where nothing is known. */
  readonly alarmsAtMost: number | null;
}

/** Factor below the rarest event of the sample up to which its tail is continued with confidence. */
const FARTHEST = 100;

/**
 * The decision threshold for a budget of false alarms, from distances of known impostor pairs (faces of different people),
 * best those of `trackImpostors`, which compare as decisions do.
 *
 * A stranger meets `gallerySize` identities, so the rate per comparison is the budget over all comparisons of a week.
 * Where that is rarer than one in the sample, the lower tail is continued as an exponential: distance against the
 * logarithm of the rate, a straight line through the closest tenth of the sample. The true tail falls off faster than that,
 * because no face is nearer than 0; so the line asks for more likeness than needed, never for less.
 *
 * @throws SafaceError `invalid-input` with fewer than 20 distances or a budget that is not positive.
 */
export function thresholdForBudget(
  impostors: ArrayLike<number> | TailSample,
  budget: FalseAlarmBudget,
): BudgetThreshold {
  const comparisons = Math.max(1, budget.strangersPerWeek * Math.max(1, budget.gallerySize));
  const rate = Math.min(1, budget.alarmsPerWeek / comparisons);
  if (!(rate > 0)) {
    throw new SafaceError(
      'invalid-input',
      `A budget of ${budget.alarmsPerWeek} false alarms over ${budget.strangersPerWeek} strangers a week gives no rate`,
      'Allow a small positive number of false alarms, for example 1 per week.',
    );
  }
  const choice = thresholdForRate(impostors, rate);
  const alarmsAtMost = choice.rateAtMost === null ? null : choice.rateAtMost * comparisons;
  const traffic = `With ${count(budget.strangersPerWeek)} strangers a week before ${count(Math.max(1, budget.gallerySize))} enrolled people`;
  const promise =
    alarmsAtMost === null
      ? 'how many false alarms that gives cannot be known yet'
      : `that is at most ${figure(alarmsAtMost)} false alarms a week (95 % confidence)`;
  return { ...choice, alarmsAtMost, explanation: `${choice.explanation} ${traffic} ${promise}.` };
}

/** The same for a false match rate per comparison, 0..1. */
export function thresholdForRate(impostors: ArrayLike<number> | TailSample, falseMatchRate: number): ThresholdChoice {
  const sample: TailSample = 'distances' in impostors ? impostors : { distances: impostors };
  const sorted = Float64Array.from(sample.distances)
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
  const rateText = `one in ${count(1 / falseMatchRate)} comparisons`;
  if (allowed >= 1) {
    // Half-way between the last pair that may pass and the first that may not.
    const last = sorted[allowed - 1]!;
    const next = sorted[allowed];
    const threshold = Math.max(0, next === undefined ? last : next > last ? (last + next) / 2 : below(sorted, last));
    return {
      threshold,
      falseMatchRate,
      certainty: 'measured',
      extrapolated: false,
      rateAtMost: tailInterval(sample, threshold).high,
      explanation: `Of ${sorted.length} pairs of different people, ${allowed} at most come closer than this: ${rateText}.`,
    };
  }
  const { intercept, slope } = tailLine(sorted);
  const threshold = Math.max(0, Math.min(intercept + slope * Math.log(falseMatchRate), sorted[0]!));
  const known = falseMatchRate * sorted.length * FARTHEST >= 1 && threshold > 0;
  const needed = count(1 / (falseMatchRate * FARTHEST));
  return {
    threshold,
    falseMatchRate,
    certainty: known ? 'extrapolated' : 'unknown',
    extrapolated: true,
    rateAtMost: known ? tailInterval(sample, threshold).high : null,
    explanation: known
      ? `${sorted.length} pairs of different people are too few to see ${rateText}; the threshold continues the trend of the closest tenth.`
      : `${sorted.length} pairs of different people say nothing about ${rateText}: that takes at least ${needed}. The threshold is a guess on the side of "unknown".`,
  };
}

/** Share of live tracks that may come so near to a second person where nobody has set a budget. */
const NEAR_A_SECOND = 0.1;
/** Tracks below which a tenth of them says nothing. */
const LEAST_TRACKS = 50;

/**
 * The decision threshold where nobody has set a budget, from how far the runner-up of each live track was: a track is one person, so its
 * runner-up is somebody else. Before many enrolled people that is about as near as the nearest is to a stranger; for tracks of strangers,
 * or with few enrolled, the nearest is nearer than that, and more strangers than this share are given a name (decision 037).
 *
 * @returns null with too few tracks
 */
export function thresholdForStrangers(runnerUps: ArrayLike<number>): ThresholdChoice | null {
  const sorted = Float64Array.from(runnerUps)
    .filter((d) => Number.isFinite(d))
    .sort();
  if (sorted.length < LEAST_TRACKS) return null;
  const allowed = Math.floor(NEAR_A_SECOND * sorted.length);
  const threshold = (sorted[allowed - 1]! + sorted[allowed]!) / 2;
  return {
    threshold,
    falseMatchRate: NEAR_A_SECOND,
    certainty: 'measured',
    extrapolated: false,
    rateAtMost: null,
    explanation: `Of ${sorted.length} tracks, ${allowed} come nearer than this to a second person, who is somebody else.`,
  };
}

/** The largest distance smaller than `value`, or `value` minus a little when it is the smallest: ties stay outside. */
function below(sorted: Float64Array, value: number): number {
  const first = sorted.indexOf(value);
  return first > 0 ? (sorted[first - 1]! + value) / 2 : value - 1e-6 * (1 + Math.abs(value));
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function figure(value: number): string {
  return value >= 10 ? count(value) : value.toPrecision(2);
}
