import { z } from 'zod';
import { countSchema, shownTextSchema, textSchema, momentSchema as time } from '../bounds.ts';
import { boxSchema } from '../probe.ts';
import { artifactRefSchema, idSchema } from './config.ts';

/** One event per track: opened at the first decision, sent again under the same id (higher `sequence`) when it changes or the track ends. */
export const recognitionEventSchema = z.object({
  id: idSchema,
  sequence: countSchema,
  cameraId: idSchema,
  scenarioId: idSchema,
  trackId: countSchema,
  sessionId: textSchema,
  decision: z.enum(['recognised', 'unknown']),
  identityId: idSchema.nullable(),
  distance: z.number().nullable(),
  runnerUpIdentityId: idSchema.nullable(),
  runnerUpDistance: z.number().nullable(),
  /** Of the second nearest, whoever the runner-up is said to be; null = only one is enrolled. Agents of before do not say it. */
  secondDistance: z.number().nullable().default(null),
  threshold: z.number(),
  versionId: idSchema,
  firstSeen: time,
  lastSeen: time,
  probes: countSchema,
  quality: z.number().min(0).max(1),
  box: boxSchema,
  /** Best crop of the track, JPEG, base64. */
  cropJpeg: z.string().max(200_000).nullable(),
  ended: z.boolean(),
});
export type RecognitionEvent = z.infer<typeof recognitionEventSchema>;

/** A number that a dashboard draws over time. Names are in `metricNames`; units in the comment there. */
export const metricNames = [
  'framesPerSecond', // frames that reached the edge, per camera
  'framesDropped', // since the last sample, per camera
  'facesFound', // since the last sample, per camera
  'facesSent', // since the last sample, per camera
  'probesPerSecond', // recognised probes, per edge and per camera
  'latency', // capture -> decision, ms, median of the interval, per camera
  'load', // sum NP_i / N_E, 0..1+, per edge
  'batch', // B_t, triplets per interval, per edge
  'nE', // probes per interval the edge can process, measured
  'bMax', // triplets per interval on an idle edge, measured
  'alpha', // of the policy in force
  'trainingSteps', // since the last sample, per edge
  'queueDepth', // probes waiting, per edge
  'cpu', // of the process, cores
  'memory', // resident, bytes
  'tracks', // kept tracks in the store, per scenario
  'triplets', // triplets they make, per scenario
  'cachedProbes', // probes whose features are kept for learning, per scenario
  'cachedBytes', // what these features and their small pictures take, bytes, per scenario
] as const;
export type MetricName = (typeof metricNames)[number];

export const metricSampleSchema = z.object({
  time,
  scope: z.enum(['edge', 'camera', 'scenario']),
  scopeId: idSchema,
  values: z.partialRecord(z.enum(metricNames), z.number().finite()),
});
export type MetricSample = z.infer<typeof metricSampleSchema>;

export const lossPointSchema = z.object({
  step: countSchema,
  time,
  loss: z.number().finite(),
  activeShare: z.number().min(0).max(1),
  /** Triplets per interval the scheduler allowed at this step (B_t). */
  batch: z.number().nonnegative(),
  /** Label-free accuracy on held-out tracks when it was measured at this step. */
  score: z.number().nullable(),
});
export type LossPoint = z.infer<typeof lossPointSchema>;

/** Verification figures without labels: far-apart probes of one track against probes of one frame, on held-out tracks. */
export const labelFreeScoreSchema = z.object({
  accuracy: z.number(),
  low: z.number(),
  high: z.number(),
  auc: z.number(),
  tarAtFar1e2: z.number(),
  genuinePairs: countSchema,
  impostorPairs: countSchema,
});
export type LabelFreeScoreReport = z.infer<typeof labelFreeScoreSchema>;

export const gateVerdictSchema = z.object({
  passed: z.boolean(),
  /** In words with the numbers, for people. */
  reason: shownTextSchema(2000),
  champion: labelFreeScoreSchema.nullable(),
  candidate: labelFreeScoreSchema.nullable(),
  /** Mean paired gain in accuracy (0..1) with its 95 % interval. */
  gain: z.object({ mean: z.number(), low: z.number(), high: z.number() }).nullable(),
});
export type GateVerdictReport = z.infer<typeof gateVerdictSchema>;

/** State of a BullMQ training job; sent whenever it moves. Loss points are only the new ones since the last report. */
export const trainingRunSchema = z.object({
  id: idSchema,
  scenarioId: idSchema,
  status: z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']),
  reason: shownTextSchema(2000).nullable(),
  parentVersionId: idSchema,
  candidateVersionId: idSchema.nullable(),
  tracks: countSchema,
  triplets: countSchema,
  steps: countSchema,
  queuedAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  points: z.array(lossPointSchema).max(5000),
  verdict: gateVerdictSchema.nullable(),
  error: shownTextSchema(4000).nullable(),
});
export type TrainingRunReport = z.infer<typeof trainingRunSchema>;

/** Example triplets of a run, as pictures (JPEG, base64). */
export const tripletPicturesSchema = z.object({
  runId: idSchema,
  triplets: z
    .array(
      z.object({
        anchor: z.string().max(200_000),
        positive: z.string().max(200_000),
        negative: z.string().max(200_000),
        positiveDistance: z.number(),
        negativeDistance: z.number(),
      }),
    )
    .max(64),
});
export type TripletPictures = z.infer<typeof tripletPicturesSchema>;

/** A trained candidate; its learner was uploaded before (PUT /api/agent/artifacts/<sha256>). The control plane moves the aliases. */
export const newVersionSchema = z.object({
  id: idSchema,
  scenarioId: idSchema,
  baseModelId: idSchema,
  parentVersionId: idSchema,
  runId: idSchema,
  cut: textSchema.max(1000),
  learner: artifactRefSchema,
  threshold: z.number().positive().nullable(),
  /** Distances under this version for those that its parent makes 1: the threshold follows the impostors. Agents of before do not say it. */
  distanceScale: z.number().positive().optional(),
  verdict: gateVerdictSchema,
  provenance: z.object({
    engine: shownTextSchema(200),
    from: time,
    to: time,
    tracks: countSchema,
    triplets: countSchema,
    steps: countSchema,
    hyperParameters: z.record(textSchema, z.union([z.number(), shownTextSchema(2000), z.boolean()])),
    /** What was kept from being learnt, and why, in words. */
    leftOut: z
      .array(z.object({ reason: shownTextSchema(2000), tracks: countSchema }))
      .max(50)
      .default([]),
    /** Identities whose tracks took part, as recognised at the time; for erasure. */
    identityIds: z.array(idSchema).max(100_000),
  }),
  createdAt: time,
});
export type NewVersion = z.infer<typeof newVersionSchema>;

const gainSchema = z.object({ mean: z.number(), low: z.number(), high: z.number() }).nullable();
const share = z.number().min(0).max(1);

/** How a candidate does beside the champion on live tracks, see `judgeShadow`. Each report replaces the one before. */
export const shadowReportSchema = z.object({
  scenarioId: idSchema,
  versionId: idSchema,
  championVersionId: idSchema,
  time,
  decision: z.enum(['wait', 'promote', 'reject']),
  reason: shownTextSchema(2000),
  agreement: z.object({
    tracks: countSchema,
    same: countSchema,
    otherName: countSchema,
    gained: countSchema,
    lost: countSchema,
    share,
  }),
  champion: labelFreeScoreSchema.nullable(),
  candidate: labelFreeScoreSchema.nullable(),
  gain: gainSchema,
});
export type ShadowReport = z.infer<typeof shadowReportSchema>;

/** How the champion does against its parent on tracks since its promotion, see `judgeWatch`. */
export const watchReportSchema = z.object({
  scenarioId: idSchema,
  versionId: idSchema,
  parentVersionId: idSchema,
  time,
  decision: z.enum(['watch', 'keep', 'roll-back']),
  reason: shownTextSchema(2000),
  tracks: countSchema,
  parent: labelFreeScoreSchema.nullable(),
  champion: labelFreeScoreSchema.nullable(),
  gain: gainSchema,
});
export type WatchReport = z.infer<typeof watchReportSchema>;

/**
 * The threshold that a scenario's false-alarm budget asks of a version, from people the edge knows to be different; without a budget (null)
 * the one with which few strangers are given a name.
 */
export const thresholdReportSchema = z.object({
  scenarioId: idSchema,
  versionId: idSchema,
  time,
  alarmsPerWeek: z.number().positive().nullable(),
  threshold: z.number().nonnegative(),
  certainty: z.enum(['measured', 'extrapolated', 'unknown']),
  /** With 95 % confidence, per camera and week; null where nothing is known. */
  alarmsAtMost: z.number().nullable(),
  explanation: shownTextSchema(2000),
});
export type ThresholdReport = z.infer<typeof thresholdReportSchema>;

export const logLineSchema = z.object({
  time,
  level: z.enum(['info', 'warn', 'error']),
  message: shownTextSchema(4000),
});

/**
 * What an agent pushes through its outbox. `id` makes a repeated push harmless: the control plane stores each id once.
 * Items of one agent are delivered in order.
 */
export const outboxItemSchema = z.discriminatedUnion('kind', [
  z.object({ id: idSchema, kind: z.literal('event'), payload: recognitionEventSchema }),
  z.object({ id: idSchema, kind: z.literal('metrics'), payload: z.array(metricSampleSchema).max(1000) }),
  z.object({ id: idSchema, kind: z.literal('training-run'), payload: trainingRunSchema }),
  z.object({ id: idSchema, kind: z.literal('triplet-pictures'), payload: tripletPicturesSchema }),
  z.object({ id: idSchema, kind: z.literal('version'), payload: newVersionSchema }),
  z.object({ id: idSchema, kind: z.literal('shadow-report'), payload: shadowReportSchema }),
  z.object({ id: idSchema, kind: z.literal('watch-report'), payload: watchReportSchema }),
  z.object({ id: idSchema, kind: z.literal('threshold-report'), payload: thresholdReportSchema }),
  z.object({ id: idSchema, kind: z.literal('log'), payload: logLineSchema }),
]);
export type OutboxItem = z.infer<typeof outboxItemSchema>;
