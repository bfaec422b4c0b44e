import { gateVerdictSchema, lossPointSchema, schedulingPolicySchema } from '@saface/core';
import { z } from 'zod';
import { maybeTime, refView, time, versionRefView } from './common.ts';

export const runStatuses = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const;
export const runView = z.object({
  id: z.string(),
  scenario: refView,
  /** Null once it was deleted. */
  edge: refView.nullable(),
  status: z.enum(runStatuses),
  reason: z.string().nullable(),
  parent: versionRefView.nullable(),
  candidate: versionRefView.nullable(),
  tracks: z.number(),
  triplets: z.number(),
  steps: z.number(),
  queuedAt: time,
  startedAt: maybeTime,
  endedAt: maybeTime,
  verdict: gateVerdictSchema.nullable(),
  error: z.string().nullable(),
  lastLoss: z.number().nullable(),
  lastActiveShare: z.number().nullable(),
});
export type RunView = z.infer<typeof runView>;
export const runDetailView = runView.extend({
  points: z.array(lossPointSchema),
  /** Pictures of some of the triplets; `triplets` is how many there are. */
  tripletExamples: z.array(
    z.object({
      id: z.string(),
      anchorUrl: z.string(),
      positiveUrl: z.string(),
      negativeUrl: z.string(),
      positiveDistance: z.number(),
      negativeDistance: z.number(),
    }),
  ),
});
export type RunDetailView = z.infer<typeof runDetailView>;

export const measuredView = z.object({ nE: z.number(), bMax: z.number() });
export const edgePolicyView = z.object({
  edge: refView,
  site: refView,
  policy: schedulingPolicySchema,
  measured: measuredView.nullable(),
  lastSeenAt: maybeTime,
  inSync: z.boolean(),
});
export type EdgePolicyView = z.infer<typeof edgePolicyView>;
