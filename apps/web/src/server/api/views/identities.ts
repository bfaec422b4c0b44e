import { textSchema } from '@saface/core';
import { z } from 'zod';
import { maybeTime, refView, time, versionRefView } from './common.ts';

export const legalBases = [
  'consent',
  'contract',
  'legal-obligation',
  'vital-interests',
  'public-task',
  'legitimate-interest',
] as const;
export const consentInput = z.object({
  purpose: textSchema.trim().min(3, 'say what the person is enrolled for').max(500),
  basis: z.enum(legalBases),
  expiresAt: z.number().nullable(),
  note: textSchema.max(2000),
});
export const consentView = z.object({
  purpose: z.string(),
  basis: z.enum(legalBases),
  expiresAt: maybeTime,
  note: z.string(),
  recordedBy: z.string(),
  recordedAt: time,
});
export const imageView = z.object({
  id: z.string(),
  fileName: z.string(),
  status: z.enum(['pending', 'accepted', 'rejected']),
  reason: z.string().nullable(),
  quality: z.number().nullable(),
  duplicateOf: refView.nullable(),
  source: z.enum(['upload', 'event', 'seed']),
  pictureUrl: z.string().nullable(),
  cropUrl: z.string().nullable(),
  createdAt: time,
  checkedAt: maybeTime,
});
export const identityView = z.object({
  id: z.string(),
  name: z.string(),
  galleries: z.array(refView),
  images: z.array(imageView),
  consent: consentView,
  /** Learnt from tracks recognised as this person, or grew out of a version that did. */
  versions: z.array(versionRefView.extend({ scenarioName: z.string(), retired: z.boolean() })),
  createdAt: time,
  lastSeenAt: maybeTime,
});
export type IdentityView = z.infer<typeof identityView>;
export const identityRowView = z.object({
  id: z.string(),
  name: z.string(),
  galleries: z.array(refView),
  images: z.object({ accepted: z.number(), pending: z.number(), rejected: z.number() }),
  pictureUrl: z.string().nullable(),
  consentExpiresAt: maybeTime,
  createdAt: time,
  lastSeenAt: maybeTime,
});
export type IdentityRowView = z.infer<typeof identityRowView>;
export const receiptView = z.object({
  id: z.string(),
  identityId: z.string(),
  erasedAt: time,
  requestedBy: z.string(),
  reason: z.string(),
  pictures: z.number(),
  crops: z.number(),
  templates: z.number(),
  events: z.number(),
  triplets: z.number(),
  /** Those that have been deleted since included. */
  edgesTold: z.number(),
  edgesNotified: z.array(refView),
  /** Those of them that have not yet said that they have deleted what they kept. */
  edgesWaiting: z.array(refView),
  /** Names of those that were deleted before they said so. */
  edgesLost: z.array(z.string()),
  versions: z.array(versionRefView.extend({ scenarioName: z.string(), retired: z.boolean() })),
});
export type ReceiptView = z.infer<typeof receiptView>;
