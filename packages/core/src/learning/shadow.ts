import type { LabelFreeScoreReport } from '../agents/report.ts';
import { compareLive, describeGain, type LiveComparisonInput, percent } from './live-score.ts';
import { allFinite } from './weights.ts';

/** What one version made of one live track: an identity, or null for "unknown". Undecided tracks are left out. */
export interface ShadowDecision {
  readonly trackKey: string;
  readonly champion: string | null;
  readonly candidate: string | null;
}

export interface ShadowPolicy {
  /** Live tracks decided by both before there is a verdict. Default 20. */
  readonly minTracks?: number;
  /** Genuine and impostor pairs needed of the live tracks. Default 100. */
  readonly minPairs?: number;
  /** Tracks after which an open question is decided by what is there. Default 200. */
  readonly maxTracks?: number;
  /** Least share of tracks with the same answer from both. Default 0.7. */
  readonly minAgreement?: number;
  /** Accuracy the candidate may lose on live tracks within chance, 0..1. Default 0.003. */
  readonly tolerance?: number;
}

export interface ShadowInput extends Omit<LiveComparisonInput, 'before' | 'after'> {
  /** Tracks seen while the candidate ran beside the champion, and their embeddings under either. */
  readonly champion: Float32Array;
  readonly candidate: Float32Array;
  readonly decisions: readonly ShadowDecision[];
  readonly policy?: ShadowPolicy;
}

export interface ShadowAgreement {
  readonly tracks: number;
  readonly same: number;
  /** Both name somebody, but not the same person. */
  readonly otherName: number;
  /** Only the candidate names somebody; only the champion does. */
  readonly gained: number;
  readonly lost: number;
  /** same / tracks, 1 without tracks. */
  readonly share: number;
  readonly disagreements: readonly ShadowDecision[];
}

export interface ShadowVerdict {
  /** `wait`: more live tracks are needed. */
  readonly decision: 'wait' | 'promote' | 'reject';
  /** In words with the numbers, for people. */
  readonly reason: string;
  readonly agreement: ShadowAgreement;
  /** Label-free scores on the live tracks; null while they hold too few pairs. */
  readonly champion: LabelFreeScoreReport | null;
  readonly candidate: LabelFreeScoreReport | null;
  readonly gain: { readonly mean: number; readonly low: number; readonly high: number } | null;
}

/** How often two versions give the same answer for the same track. */
export function agreementOf(decisions: readonly ShadowDecision[]): ShadowAgreement {
  const disagreements = decisions.filter(({ champion, candidate }) => champion !== candidate);
  const number = (test: (d: ShadowDecision) => boolean) => disagreements.filter(test).length;
  const same = decisions.length - disagreements.length;
  return {
    tracks: decisions.length,
    same,
    otherName: number((d) => d.champion !== null && d.candidate !== null),
    gained: number((d) => d.champion === null),
    lost: number((d) => d.candidate === null),
    share: decisions.length > 0 ? same / decisions.length : 1,
    disagreements,
  };
}

/**
 * Whether a candidate that ran beside the champion on live probes may take over. The gate has proved its gain on held-out
 * tracks; here it must hold on people neither has seen: no loss beyond the tolerance, and few surprises for the operator.
 * A different name is the worst surprise, so more than the allowed share of those alone refuses it too.
 */
export function judgeShadow(input: ShadowInput): ShadowVerdict {
  const { minTracks = 20, minPairs = 100, maxTracks = 200, minAgreement = 0.7, tolerance = 0.003 } = input.policy ?? {};
  const agreement = agreementOf(input.decisions);
  const finite = allFinite(input.candidate);
  const live = finite ? compareLive({ ...input, before: input.champion, after: input.candidate }, minPairs) : null;
  const verdict = (decision: ShadowVerdict['decision'], reason: string): ShadowVerdict => ({
    decision,
    reason,
    agreement,
    champion: live?.before ?? null,
    candidate: live?.after ?? null,
    gain: live && { mean: live.accuracy.value, low: live.accuracy.low, high: live.accuracy.high },
  });
  if (!finite) return verdict('reject', 'Rejected in shadow: its embeddings of live probes are not numbers.');
  const together = `${agreement.same} of ${agreement.tracks} live tracks get the same answer from both, ${agreement.gained} a name only from the candidate, ${agreement.lost} only from the champion, ${agreement.otherName} another name`;
  if (agreement.tracks < minTracks || live === null) {
    const pairs = live === null ? `; the tracks do not hold ${minPairs} pairs of each kind yet` : '';
    return verdict('wait', `Running in shadow: ${agreement.tracks} of ${minTracks} tracks${pairs}.`);
  }
  const figures = `on live tracks accuracy is ${percent(live.before.accuracy)} under the champion and ${percent(live.after.accuracy)} under the candidate, a gain of ${describeGain(live.accuracy)}; ${together}`;
  if (agreement.share < minAgreement || agreement.otherName > (1 - minAgreement) * 0.5 * agreement.tracks) {
    return verdict('reject', `Rejected in shadow: the two disagree too often; ${figures}.`);
  }
  if (live.accuracy.high < -tolerance) return verdict('reject', `Rejected in shadow: ${figures}.`);
  const holds = live.accuracy.low >= -tolerance || live.auc.low >= -tolerance;
  const decided = agreement.tracks >= maxTracks;
  if (live.accuracy.value >= 0 && (holds || decided)) return verdict('promote', `Confirmed in shadow: ${figures}.`);
  if (decided) {
    return verdict('reject', `Rejected in shadow: ${agreement.tracks} tracks do not confirm the gain; ${figures}.`);
  }
  return verdict('wait', `Running in shadow, not decided yet: ${figures}.`);
}
