import {
  decisionPolicySchema,
  gateVerdictSchema,
  idSchema,
  labelFreeScoreSchema,
  learningPolicySchema,
  newVersionSchema,
  quietHoursSchema,
  schedulingPolicySchema,
  shadowReportSchema,
  thresholdReportSchema,
  watchReportSchema,
} from '@saface/core';
import { z } from 'zod';
import { maybeTime, refView, time, versionRefView } from './common.ts';

/** When a scenario trains on one of the edges that serve it. */
export const scheduleView = z.object({
  edge: refView,
  mode: schedulingPolicySchema.shape.mode,
  intervalMinutes: z.number(),
  quietHours: z.array(quietHoursSchema),
});

export const aliasNames = ['champion', 'candidate', 'shadow', 'previous'] as const;
export const scenarioView = z.object({
  id: z.string(),
  name: z.string(),
  site: refView,
  baseModel: refView.extend({ defaultThreshold: z.number(), metric: z.enum(['euclidean', 'cosine']) }),
  galleries: z.array(refView),
  cameras: z.array(refView),
  decision: decisionPolicySchema,
  learning: learningPolicySchema,
  schedules: z.array(scheduleView),
  aliases: z.record(z.enum(aliasNames), versionRefView.nullable()),
  /** Distances under the champion for those that the base model makes 1. */
  distanceScale: z.number(),
  versions: z.number(),
});
export type ScenarioView = z.infer<typeof scenarioView>;
/** A scenario on its way to another base model, or that did not get there. */
export const moveView = z.object({
  id: z.string(),
  status: z.enum(['preparing', 'failed']),
  baseModel: refView,
  reason: z.string(),
  requestedBy: z.string(),
  pictures: z.number(),
  prepared: z.number(),
  error: z.string().nullable(),
  createdAt: time,
  endedAt: maybeTime,
});
export type MoveView = z.infer<typeof moveView>;
export const scenarioDetailView = scenarioView.extend({ move: moveView.nullable() });
/** What goes with a scenario that is deleted. */
export const scenarioContentsView = z.object({ learnt: z.number(), runs: z.number(), events: z.number() });
export type ScenarioContentsView = z.infer<typeof scenarioContentsView>;
export const scenarioPolicies = z.object({
  galleryIds: z.array(idSchema).max(100),
  decision: decisionPolicySchema,
  learning: learningPolicySchema,
});

export const evaluationView = z.object({
  id: z.string(),
  versionId: z.string(),
  versionLabel: z.string(),
  scenario: refView,
  dataset: z.string(),
  source: z.string(),
  accuracy: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  tarAtFar1e2: z.number(),
  eer: z.number().nullable(),
  genuine: z.number(),
  impostor: z.number(),
  createdBy: z.string(),
  createdAt: time,
});
export type EvaluationView = z.infer<typeof evaluationView>;
export const versionView = z.object({
  id: z.string(),
  scenarioId: z.string(),
  number: z.number(),
  label: z.string(),
  parentId: z.string().nullable(),
  baseModel: refView,
  /** Of the base model that the scenario is on; others cannot go live. */
  applies: z.boolean(),
  cut: z.string(),
  /** The distance that it decides with, or would, and whose that is. */
  effective: z.object({
    threshold: z.number(),
    from: z.enum(['operator', 'budget', 'strangers', 'version', 'base-model']),
  }),
  /** What the edge last placed for a false-alarm budget, which may have been another one, or without one. */
  budget: thresholdReportSchema.nullable(),
  retired: z.object({ at: time, by: z.string(), reason: z.string() }).nullable(),
  createdAt: time,
  aliases: z.array(z.enum(aliasNames)),
  verdict: gateVerdictSchema.nullable(),
  provenance: newVersionSchema.shape.provenance.nullable(),
  runId: z.string().nullable(),
  evaluations: z.array(evaluationView),
  events: z.number(),
});
export type VersionView = z.infer<typeof versionView>;
export const deploymentView = z.object({
  id: z.string(),
  kind: z.enum(['initial', 'promote', 'auto', 'rollback', 'rebase', 'watch', 'retire']),
  from: versionRefView.nullable(),
  to: versionRefView,
  actor: z.string(),
  reason: z.string(),
  at: time,
});
export type DeploymentView = z.infer<typeof deploymentView>;
/** Versions beside each other on live tracks. */
export const comparisonsView = z.object({
  /** Tracks that a shadow must hold on; 0 = the scenario wants no shadow. */
  wanted: z.number(),
  shadow: shadowReportSchema.nullable(),
  watch: watchReportSchema.nullable(),
});
export type ComparisonsView = z.infer<typeof comparisonsView>;
/** How near enrolled people came to the newest tracks that a version decided. */
export const distancesView = z.object({
  tracks: z.array(z.object({ nearest: z.number(), second: z.number().nullable() })),
  /** Of the oldest of these tracks; null = there is none. */
  since: maybeTime,
});
export type DistancesView = z.infer<typeof distancesView>;
const usage = z.object({ events: z.number(), recognised: z.number(), medianDistance: z.number().nullable() });
export const comparisonView = z.object({
  a: versionView,
  b: versionView,
  labelFree: z.object({
    a: labelFreeScoreSchema.nullable(),
    b: labelFreeScoreSchema.nullable(),
    gain: z.object({ mean: z.number(), low: z.number(), high: z.number() }).nullable(),
    note: z.string(),
  }),
  labelled: z.array(z.object({ dataset: z.string(), a: evaluationView.nullable(), b: evaluationView.nullable() })),
  inUse: z.object({ a: usage, b: usage }),
});
export type ComparisonView = z.infer<typeof comparisonView>;
export const servedView = z.object({
  edge: refView,
  desired: versionRefView.nullable(),
  served: versionRefView.nullable(),
  inSync: z.boolean(),
  lastSeenAt: maybeTime,
});
export type ServedView = z.infer<typeof servedView>;
