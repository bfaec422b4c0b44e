import { z } from 'zod';

const days = z
  .number('Enter a number of days.')
  .int('Enter whole days.')
  .min(1, 'One day is the least.')
  .max(3650, '3650 days are the most.');

/** How long each class of data is kept, in days. */
export const retentionPeriodsSchema = z.object({
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

export const retentionPolicySchema = retentionPeriodsSchema.extend({
  /** Whether versions are retired that learnt from somebody whose consent ended, when that person is erased. */
  retireVersions: z.boolean().default(true),
});

export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;
export type RetentionPeriod = keyof z.infer<typeof retentionPeriodsSchema>;

export const retentionPeriods = Object.keys(retentionPeriodsSchema.shape) as RetentionPeriod[];
