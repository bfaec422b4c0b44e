/** What was measured at the end of one simulated hour. */
export interface HourRow {
  readonly hour: number;
  readonly inView: number;
  readonly newcomers: number;
  /** Frames and probes that the edge took in this hour. */
  readonly frames: number;
  readonly probes: number;
  /** Means over the hour as the edge reported them: sum NP_i / N_E, B_t, and B_t as a share of B_max; null where it reported none. */
  readonly load: number | null;
  readonly batch: number | null;
  readonly batchShare: number | null;
  readonly trainingSteps: number;
  /** Version that was served at the end of the hour. */
  readonly version: string;
  readonly promotions: number;
  readonly refusals: number;
  /** Verification accuracy on this hour's labelled probes; null with too few of them. */
  readonly accuracy: HourAccuracy | null;
  /** Ended tracks of enrolled people by name right, by a wrong name or a stranger by any; and unknown. */
  readonly named: { readonly right: number; readonly wrong: number; readonly unknown: number };
  /** Bytes: resident memory of the edge process and of its trainer (0 when none ran), and what lies on disk. */
  readonly memory: { readonly edge: number; readonly trainer: number };
  readonly disk: {
    readonly total: number;
    readonly tracks: number;
    readonly runs: number;
    readonly trackFiles: number;
  };
}

export interface HourAccuracy {
  readonly base: number;
  readonly served: number;
  /** served - base with its 95 % interval, resampled over people. */
  readonly difference: { readonly value: number; readonly low: number; readonly high: number };
  readonly probes: number;
}

export interface Claim {
  readonly claim: 'accuracy' | 'memory' | 'disk' | 'eviction' | 'scheduling' | 'learning';
  readonly passed: boolean;
  readonly detail: string;
  readonly figures: Readonly<Record<string, number | null>>;
}

export interface CheckLimits {
  /** Hours at the beginning in which memory and disk still fill up. */
  readonly warmUp: number;
  /** Growth of memory over the hours looked at that still counts as flat, as a share of its mean. */
  readonly memoryGrowth: number;
  /** Probes that the track store may hold. */
  readonly maxProbes: number;
  /** Bytes of one stored probe. */
  readonly probeBytes: number;
  /** Loss of accuracy that chance explains even where the interval is narrow. */
  readonly noise: number;
}

/** Every claim of "24 hours of operation", each by itself: one that fails hides no other. */
export function checkDay(rows: readonly HourRow[], limits: CheckLimits): Claim[] {
  return [
    accuracyHolds(rows, limits),
    memoryIsFlat(rows, limits),
    diskIsBounded(rows, limits),
    storeEvicts(rows, limits),
    batchFollowsLoad(rows),
    learningHappens(rows),
  ];
}

function accuracyHolds(rows: readonly HourRow[], { noise }: CheckLimits): Claim {
  const measured = rows.flatMap(({ hour, accuracy }) => (accuracy ? [{ hour, ...accuracy }] : []));
  const below = measured.filter(({ difference }) => difference.high < 0 && difference.value < -noise);
  const worst = measured.reduce<(typeof measured)[number] | null>(
    (least, row) => (least === null || row.difference.value < least.difference.value ? row : least),
    null,
  );
  const mean = meanOf(measured.map(({ difference }) => difference.value));
  const detail =
    worst === null
      ? 'No hour had enough probes to measure accuracy.'
      : below.length > 0
        ? `Served below base in hour ${below.map(({ hour }) => hour).join(', ')}.`
        : `Never below base by more than noise; worst hour ${worst.hour} at ${points(worst.difference.value)}, mean ${points(mean ?? 0)}.`;
  return {
    claim: 'accuracy',
    passed: worst !== null && below.length === 0,
    detail,
    figures: { hours: measured.length, minDifference: worst?.difference.value ?? null, meanDifference: mean },
  };
}

/** Once the store is full and a first version is served, beside which the one before stays ready. */
function memoryIsFlat(rows: readonly HourRow[], { warmUp, memoryGrowth }: CheckLimits): Claim {
  const first = rows.find(({ promotions }) => promotions > 0)?.hour ?? 0;
  const after = rows.filter(({ hour }) => hour >= warmUp && hour >= first);
  const values = after.map(({ memory }) => memory.edge);
  const mean = meanOf(values);
  const slope = slopeOf(after.map(({ hour, memory }) => [hour, memory.edge]));
  const hours = after.length > 0 ? after.at(-1)!.hour - after[0]!.hour : 0;
  // A leak needs time to show.
  const enough = hours >= rows.length / 3;
  const growth = !enough || slope === null || mean === null || mean === 0 ? null : (slope * hours) / mean;
  const later = after.slice(1).reduce((sum, { promotions }) => sum + promotions, 0);
  return {
    claim: 'memory',
    passed: growth !== null && growth <= memoryGrowth,
    detail:
      growth === null
        ? 'Too few hours after the warm-up and the first promotion to tell.'
        : `From hour ${after[0]!.hour} on, with ${later} more promotions, resident memory of the edge grows by ${(growth * 100).toFixed(1)} % of its mean (${mib(mean ?? 0)}); ${(memoryGrowth * 100).toFixed(0)} % are allowed.`,
    figures: { meanBytes: mean, bytesPerHour: slope, growth, peakBytes: Math.max(0, ...values), promotions: later },
  };
}

/** Beside the probes a track file has a header and its seal. */
const FILE_OVERHEAD = 1.25;

function diskIsBounded(rows: readonly HourRow[], { warmUp, maxProbes, probeBytes }: CheckLimits): Claim {
  const bound = maxProbes * probeBytes * FILE_OVERHEAD;
  const tracks = Math.max(0, ...rows.map(({ disk }) => disk.tracks));
  const after = rows.filter(({ hour }) => hour >= warmUp);
  const half = Math.ceil(after.length / 2);
  const early = Math.max(0, ...after.slice(0, half).map(({ disk }) => disk.total));
  const late = Math.max(0, ...after.slice(half).map(({ disk }) => disk.total));
  const settled = after.length >= 2 && late <= 1.3 * early;
  return {
    claim: 'disk',
    passed: tracks <= bound && settled,
    detail: `Tracks took up to ${mib(tracks)} of at most ${mib(bound)}; everything of the edge up to ${mib(early)} in the first half after the warm-up and ${mib(late)} in the second.`,
    figures: { trackBytes: tracks, trackBound: bound, earlyBytes: early, lateBytes: late },
  };
}

/** A bound that is never reached proves nothing. */
function storeEvicts(rows: readonly HourRow[], { maxProbes }: CheckLimits): Claim {
  const seen = rows.reduce((sum, { probes }) => sum + probes, 0);
  const files = Math.max(0, ...rows.map(({ disk }) => disk.trackFiles));
  return {
    claim: 'eviction',
    passed: seen > 2 * maxProbes && files > 0,
    detail: `${seen} probes went through a store of ${maxProbes}; at most ${files} track files lay on disk.`,
    figures: { probes: seen, maxProbes, trackFiles: files },
  };
}

/** By its share of B_max: what a triplet costs is measured better and better over the day, and changes with what is left to learn. */
function batchFollowsLoad(rows: readonly HourRow[]): Claim {
  const known = rows.flatMap(({ load, batch, batchShare }) =>
    load === null || batch === null || batchShare === null ? [] : [{ load, batch, batchShare }],
  );
  const byLoad = [...known].sort((a, b) => a.load - b.load);
  const third = Math.max(1, Math.floor(byLoad.length / 3));
  const of = (some: typeof byLoad) => ({
    share: meanOf(some.map(({ batchShare }) => batchShare)),
    batch: meanOf(some.map(({ batch }) => batch)),
  });
  const [quiet, busy] = [of(byLoad.slice(0, third)), of(byLoad.slice(-third))];
  const told = ({ share, batch }: typeof quiet) =>
    share === null || batch === null
      ? 'unknown'
      : `${(share * 100).toFixed(0)} % of B_max (${batch.toFixed(1)} triplets)`;
  return {
    claim: 'scheduling',
    passed: known.length >= 3 && quiet.share !== null && busy.share !== null && quiet.share > busy.share,
    detail: `B_t was ${told(quiet)} in the quiet third of the hours and ${told(busy)} in the busy third (Eq. 2).`,
    figures: { quietShare: quiet.share, busyShare: busy.share, quietBatch: quiet.batch, busyBatch: busy.batch },
  };
}

function learningHappens(rows: readonly HourRow[]): Claim {
  const sum = (pick: (row: HourRow) => number) => rows.reduce((total, row) => total + pick(row), 0);
  const [promotions, refusals, steps] = [sum((r) => r.promotions), sum((r) => r.refusals), sum((r) => r.trainingSteps)];
  return {
    claim: 'learning',
    passed: promotions + refusals >= 1 && steps > 0,
    detail: `${promotions + refusals} rounds of learning were judged, ${promotions} promoted, ${refusals} refused.`,
    figures: { promotions, refusals, steps },
  };
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
}

/** Least squares; null with fewer than three points. */
export function slopeOf(points: readonly (readonly [number, number])[]): number | null {
  if (points.length < 3) return null;
  const x = meanOf(points.map(([a]) => a))!;
  const y = meanOf(points.map(([, b]) => b))!;
  const spread = points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  return points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / spread;
}

const points = (share: number) => `${(share * 100).toFixed(2)} points`;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
