import { z } from 'zod';
import { time } from './common.ts';

export const auditView = z.object({
  sequence: z.number(),
  at: time,
  actor: z.string(),
  /** Names are not unique; null is the system. */
  actorId: z.string().nullable(),
  action: z.string(),
  subjectKind: z.string(),
  subjectId: z.string(),
  data: z.record(z.string(), z.unknown()),
  hash: z.string(),
});
export type AuditView = z.infer<typeof auditView>;
