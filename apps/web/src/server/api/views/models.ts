import { modelCutSchema, modelImportReportSchema, pretrainingSettingsSchema } from '@saface/core';
import { z } from 'zod';
import { maybeTime, refView, time } from './common.ts';

export const baseModelView = refView.extend({
  licence: z.string().nullable(),
  source: z.string().nullable(),
  dimension: z.number(),
  metric: z.enum(['euclidean', 'cosine']),
  defaultThreshold: z.number(),
  inputSize: z.number(),
  channels: z.enum(['rgb', 'bgr']),
  defaultCut: z.string(),
  /** What lies on each side of the default cut, when it was counted. */
  cut: modelCutSchema.nullable(),
  bytes: z.number(),
  scenarios: z.array(refView),
  /** Scenarios that have versions of it, also of an earlier stay. */
  lineages: z.array(refView),
  /** Came with the product: later models take their detector from it. */
  builtIn: z.boolean(),
  learntVersions: z.number(),
  detector: refView,
  createdAt: time,
});
export type BaseModelView = z.infer<typeof baseModelView>;
export const detectorView = refView.extend({
  family: z.string(),
  licence: z.string().nullable(),
  source: z.string().nullable(),
  bytes: z.number(),
  /** Which base models are served with it. */
  baseModels: z.array(refView),
  createdAt: time,
});
export type DetectorView = z.infer<typeof detectorView>;
export const importView = z.object({
  id: z.string(),
  status: z.enum(['pending', 'ready', 'refused', 'confirmed']),
  fileName: z.string(),
  bytes: z.number(),
  report: modelImportReportSchema.nullable(),
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  /** What it has become. */
  baseModelId: z.string().nullable(),
  detectorId: z.string().nullable(),
  requestedBy: z.string(),
  createdAt: time,
  checkedAt: maybeTime,
});
export type ImportView = z.infer<typeof importView>;

export const pretrainingView = z.object({
  id: z.string(),
  name: z.string(),
  folder: z.string(),
  settings: pretrainingSettingsSchema,
  status: z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']),
  note: z.string().nullable(),
  step: z.number(),
  steps: z.number(),
  epoch: z.number(),
  picturesPerSecond: z.number().nullable(),
  error: z.string().nullable(),
  baseModelId: z.string().nullable(),
  requestedBy: z.string(),
  createdAt: time,
  startedAt: maybeTime,
  endedAt: maybeTime,
});
export type PretrainingView = z.infer<typeof pretrainingView>;
export const pretrainingDetailView = pretrainingView.extend({
  points: z.array(z.object({ step: z.number(), time, loss: z.number(), heldOut: z.number().nullable() })),
  /** Pictures that were left out, with the reason. */
  skipped: z.array(z.string()),
});
export type PretrainingDetailView = z.infer<typeof pretrainingDetailView>;
