import type { Db } from '@saface/db';
import { z } from 'zod';

const days = z.number().int().min(1).max(3650);

/** How long each class of data is kept, in days. */
export const retentionPolicySchema = z.object({
  cropDays: days.default(30),
  eventDays: days.default(180),
  metricDays: days.default(30),
  logDays: days.default(30),
  /** Longer than any edge may be away from the control plane, or its outbox would be taken in twice. */
  receiptDays: days.default(60),
  /** Curves of training runs; the runs stay, with their verdict and where the loss ended. */
  curveDays: days.default(90),
  /** Orders to edges, from when they were acknowledged; until then they wait for their edge, however long. */
  commandDays: days.default(30),
});
export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;

export async function retentionPolicy(db: Db): Promise<RetentionPolicy> {
  const row = await db.setting.findUnique({ where: { key: 'retention' } });
  return retentionPolicySchema.parse(row?.value ?? {});
}
