import { SafaceError } from '../errors.ts';
import type { SchedulingPolicy } from './policy.ts';

/** What the edge measured of itself, null until it has. */
export interface MeasuredCapacity {
  /** N_E: probes it can process in one interval dt = 1/R_C; may be a fraction. */
  readonly nE: number | null;
  /** B_max: triplets of the largest training batch that fits into one idle interval; may be a fraction. */
  readonly bMax: number | null;
}

export interface CapacityCheck {
  readonly satisfied: boolean;
  /** N_E - N_C * NP_max, probes per interval; null when N_E is not measured. */
  readonly headroom: number | null;
  readonly explanation: string;
}

/** Eq. 1: N_E >= N_C * NP_max. A fully crowded interval must still fit, or recognition falls behind. */
export function checkCapacity(policy: Pick<SchedulingPolicy, 'rC' | 'nC' | 'npMax'>, nE: number | null): CapacityCheck {
  const { rC, nC, npMax } = policy;
  const needed = nC * npMax;
  if (nE === null || !Number.isFinite(nE)) {
    return {
      satisfied: false,
      headroom: null,
      explanation: 'The edge has not measured yet how many faces it can process (N_E).',
    };
  }
  const perInterval = `${format(nE)} faces per interval of ${format(1000 / rC)} ms`;
  if (nE >= needed) {
    return {
      satisfied: true,
      headroom: nE - needed,
      explanation: `The edge processes ${perInterval}; ${nC} cameras with up to ${npMax} faces need ${needed}.`,
    };
  }
  const cameras = Math.floor(nE / npMax);
  const remedy =
    cameras >= 1
      ? `Connect at most ${cameras} of them, or sample at ${format((rC * nE) / needed)} frames per second or less.`
      : `Sample at ${format((rC * nE) / needed)} frames per second or less, or use a faster edge.`;
  return {
    satisfied: false,
    headroom: nE - needed,
    explanation: `The edge processes ${perInterval}, but ${nC} cameras with up to ${npMax} faces may need ${needed}. ${remedy}`,
  };
}

export interface BatchInput extends MeasuredCapacity {
  readonly alpha: number;
  /** sum NP_i: probes of all cameras in one interval; the mean per interval when `intervals` is above 1. */
  readonly load: number;
  /** Intervals that one decision covers. Default 1 (the paper). A small edge needs several to fit one whole triplet. */
  readonly intervals?: number;
}

export interface BatchDecision {
  /** B_t, whole triplets, 0..floor(B_max * intervals). */
  readonly batchSize: number;
  /** load / N_E, 0 = idle, above 1 = overloaded; null when unknown. */
  readonly utilisation: number | null;
  /** One sentence for people. */
  readonly explanation: string;
}

/**
 * Eq. 2: B_t = max(0, B_max * (1 - alpha * sum NP_i / N_E)), rounded down to whole triplets, with the reason in words.
 *
 * Inference has priority: whatever is unknown (nothing measured yet, a load or alpha that is not a number) means no
 * training. The result never exceeds B_max and never rises with the load or with alpha.
 */
export function trainingBatch(input: BatchInput): BatchDecision {
  const { alpha, load, nE } = input;
  if (!hasCapacity(input) || nE === null) {
    return {
      batchSize: 0,
      utilisation: null,
      explanation: 'No training: the edge has not measured N_E and B_max yet.',
    };
  }
  if (!isAmount(load)) {
    return { batchSize: 0, utilisation: null, explanation: 'No training: the current load is not known.' };
  }
  const utilisation = load / nE;
  if (!isAmount(alpha)) {
    const explanation = `No training: alpha is ${alpha}; set it to 0 or more in the scheduling policy.`;
    return { batchSize: 0, utilisation, explanation };
  }
  const { batchSize, whole, exact } = batchNumbers(input);
  const busy = `${format(load)} of ${format(nE)} faces per interval (${Math.round(utilisation * 100)} % busy)`;
  return { batchSize, utilisation, explanation: explain({ batchSize, whole, exact, busy, alpha }) };
}

/** `trainingBatch` without the words, for replays of long series. */
export function batchSizeOf(input: BatchInput): number {
  return hasCapacity(input) && isAmount(input.load) && isAmount(input.alpha) ? batchNumbers(input).batchSize : 0;
}

function batchNumbers({ alpha, load, nE, bMax, intervals = 1 }: BatchInput) {
  const idle = bMax! * Math.max(1, intervals);
  const whole = Math.floor(idle);
  const exact = idle * (1 - (alpha * load) / nE!);
  // The tiny addend takes back what binary fractions lose, as in 40 * (1 - 0.1 * 3).
  return { whole, exact, batchSize: Math.min(whole, Math.max(0, Math.floor(exact + 1e-9))) };
}

function hasCapacity({ nE, bMax }: MeasuredCapacity): boolean {
  return nE !== null && bMax !== null && isAmount(nE) && nE > 0 && isAmount(bMax);
}

function isAmount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}

function explain(d: { batchSize: number; whole: number; exact: number; busy: string; alpha: number }): string {
  if (d.whole === 0)
    return 'No training: not even one triplet fits into an idle interval; cover more intervals at once.';
  if (d.exact <= 0) return `No training: ${d.busy}, and alpha ${format(d.alpha)} gives all of it to recognition.`;
  if (d.batchSize === 0) return `No training: ${d.busy}; what is left is less than one triplet.`;
  if (d.batchSize === d.whole) return `Full batch of ${d.batchSize} triplets: ${d.busy}.`;
  return `Batch of ${d.batchSize} out of ${d.whole} triplets: ${d.busy}, weighted with alpha ${format(d.alpha)}.`;
}

const fine = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const coarse = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

function format(value: number): string {
  return (value < 10 ? fine : coarse).format(value);
}

/** Whether a local time of day (minutes since midnight, 0..1439) lies in the policy's quiet hours, which may span midnight. */
export function inQuietHours(quietHours: SchedulingPolicy['quietHours'], minuteOfDay: number): boolean {
  if (quietHours === null) return false;
  const from = minutes(quietHours.from);
  const to = minutes(quietHours.to);
  // Equal times name the whole day: a window of no length would be a setting without effect.
  if (from === to) return true;
  return from < to ? minuteOfDay >= from && minuteOfDay < to : minuteOfDay >= from || minuteOfDay < to;
}

function minutes(clock: string): number {
  const [hours, mins] = clock.split(':').map(Number);
  if (hours === undefined || mins === undefined || !Number.isInteger(hours * 60 + mins)) {
    throw new SafaceError('invalid-input', `${clock} is not a time of day`, 'Write it as HH:MM, for example 22:30.');
  }
  return hours * 60 + mins;
}
