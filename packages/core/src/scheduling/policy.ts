import { z } from 'zod';

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day looks like 22:30');

/** A span of local time; one that ends before it begins reaches over midnight. */
export const quietHoursSchema = z.object({ from: clock, to: clock });
export type QuietHours = z.infer<typeof quietHoursSchema>;

/** Minutes between two runs of a periodic scenario. */
export const intervalMinutesSchema = z
  .number('the interval must be a number of minutes')
  .int('the interval must be whole minutes')
  .min(1, 'the interval must be at least a minute')
  .max(7 * 24 * 60, 'the interval must be at most a week');

/** Context-aware scheduling (section 4.3), as an operator sets it per edge. Symbols are the paper's. */
export const schedulingPolicySchema = z.object({
  /** R_C, frames sampled per second and camera; the scheduling interval is dt = 1 / R_C. */
  rC: z
    .number('R_C must be a number: frames per second and camera')
    .min(0.2, 'R_C must be at least 0.2')
    .max(60, 'R_C must be at most 60'),
  /** N_C, most cameras on this edge. */
  nC: z.number().int('N_C must be a whole number of cameras').min(1).max(1000),
  /** NP_max, most probes in one frame. */
  npMax: z.number().int('NP_max must be a whole number of faces').min(1).max(500),
  /** Cost of task switching and data movement; 0 = training ignores the load, larger = training gives way sooner. */
  alpha: z
    .number('alpha must be a number: 0 ignores the load, 1 gives way in proportion, more gives way sooner')
    .min(0, 'alpha must be 0 or more: 0 ignores the load, 1 gives way in proportion, more gives way sooner')
    .max(10, 'alpha must be at most 10'),
  /**
   * For scenarios that leave it to their edge: always-on trains as soon as enough triplets wait, periodic every
   * `intervalMinutes`. Off holds for all scenarios of the edge.
   */
  mode: z.enum(['always-on', 'periodic', 'off']),
  intervalMinutes: intervalMinutesSchema,
  /** No training on this edge between these local times, whatever a scenario asks for; or null. */
  quietHours: quietHoursSchema.nullable(),
});
export type SchedulingPolicy = z.infer<typeof schedulingPolicySchema>;

export const defaultSchedulingPolicy: SchedulingPolicy = {
  rC: 5,
  nC: 4,
  npMax: 8,
  alpha: 1,
  mode: 'always-on',
  intervalMinutes: 60,
  quietHours: null,
};
