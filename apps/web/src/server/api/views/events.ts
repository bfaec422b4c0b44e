import { boxSchema } from '@saface/core';
import { z } from 'zod';
import { maybeTime, refView, time, versionRefView } from './common.ts';

export const eventView = z.object({
  id: z.string(),
  site: refView,
  camera: refView,
  scenario: refView,
  trackId: z.number(),
  decision: z.enum(['recognised', 'unknown']),
  identity: refView.nullable(),
  distance: z.number().nullable(),
  /** For somebody unknown the nearest of all, who was not accepted. */
  runnerUp: refView.nullable(),
  runnerUpDistance: z.number().nullable(),
  /** Of the second nearest; null = there was none, or an agent of before did not say. */
  secondDistance: z.number().nullable(),
  threshold: z.number(),
  version: versionRefView,
  firstSeen: time,
  lastSeen: time,
  probes: z.number(),
  quality: z.number(),
  box: boxSchema,
  cropUrl: z.string().nullable(),
  ended: z.boolean(),
  review: z.enum(['none', 'confirmed', 'rejected', 'assigned']),
  reviewedIdentity: refView.nullable(),
  reviewedBy: z.string().nullable(),
  reviewedAt: maybeTime,
});
export type EventView = z.infer<typeof eventView>;
