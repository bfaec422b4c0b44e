import type { LearningPolicy } from '../agents/config.ts';
import { inQuietHours } from './eq2.ts';
import type { QuietHours, SchedulingPolicy } from './policy.ts';

/** When a scenario trains on one edge. */
export interface TrainingSchedule {
  readonly mode: SchedulingPolicy['mode'];
  /** Of the periodic mode. */
  readonly intervalMinutes: number;
  /** Spans of the edge's local time without training: the scenario's own and the edge's. */
  readonly quietHours: QuietHours[];
}

type Wish = Pick<LearningPolicy, 'enabled' | 'mode' | 'intervalMinutes' | 'quietHours'>;
type Frame = Pick<SchedulingPolicy, 'mode' | 'intervalMinutes' | 'quietHours'>;

/** The scenario decides within what its edge allows: an edge that is off trains nothing, and its quiet hours are everybody's. */
export function scheduleOf(learning: Wish, policy: Frame): TrainingSchedule {
  const own = learning.mode === 'as-edge' ? null : learning.mode;
  const quietHours = [learning.quietHours, policy.quietHours].filter((hours) => hours !== null);
  return {
    mode: !learning.enabled || policy.mode === 'off' ? 'off' : (own ?? policy.mode),
    intervalMinutes: own === null ? policy.intervalMinutes : learning.intervalMinutes,
    quietHours,
  };
}

/** `now` in the edge's own time zone. */
export function isQuiet({ quietHours }: Pick<TrainingSchedule, 'quietHours'>, now: Date): boolean {
  const minuteOfDay = now.getHours() * 60 + now.getMinutes();
  return quietHours.some((hours) => inQuietHours(hours, minuteOfDay));
}
