import { idSchema } from '@saface/core';
import { z } from 'zod';

/** Coerced, because the CSV export reads the same filter from a query string. */
const number = z.coerce.number().optional();

export const eventFilter = z.object({
  siteId: idSchema.optional(),
  cameraId: idSchema.optional(),
  scenarioId: idSchema.optional(),
  identityId: idSchema.optional(),
  decision: z.enum(['recognised', 'unknown']).optional(),
  versionId: idSchema.optional(),
  review: z.enum(['none', 'confirmed', 'rejected', 'assigned']).optional(),
  from: number,
  to: number,
  minDistance: number,
  maxDistance: number,
});
export type EventFilter = z.infer<typeof eventFilter>;
