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

/** A policy as it is stored, where somebody may have written it by hand. */
export interface StoredRetention {
  /** What cannot be used is as in a new installation here. */
  readonly policy: RetentionPolicy;
  /** What is stored for periods that cannot be used: nothing goes by them, as what is deleted on a guess is gone. */
  readonly unusable: Readonly<Partial<Record<RetentionPeriod, string>>>;
}

const MOST_SHOWN = 40;

export function readRetention(stored: unknown): StoredRetention {
  const given = z.record(z.string(), z.unknown()).safeParse(stored ?? {});
  // Not even an object: all of it is one thing that cannot be used.
  const storedAs = (key: keyof RetentionPolicy) => (given.success ? given.data[key] : [stored]);
  const unusable: Partial<Record<RetentionPeriod, string>> = {};
  const periods: Partial<Record<RetentionPeriod, number>> = {};
  for (const period of retentionPeriods) {
    const found = retentionPeriodsSchema.shape[period].safeParse(storedAs(period));
    if (found.success) periods[period] = found.data;
    else unusable[period] = JSON.stringify(storedAs(period)).slice(0, MOST_SHOWN);
  }
  const retire = retentionPolicySchema.shape.retireVersions.safeParse(storedAs('retireVersions'));
  return { policy: retentionPolicySchema.parse({ ...periods, retireVersions: retire.data }), unusable };
}
