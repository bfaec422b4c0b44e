import type { RouterOutputs } from '@/lib/trpc/types';

export type Schedule = RouterOutputs['scenarios']['list'][number]['schedules'][number];

const every = (minutes: number): string => {
  if (minutes % 1440 === 0) return minutes === 1440 ? 'every day' : `every ${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? 'every hour' : `every ${minutes / 60} hours`;
  return minutes === 1 ? 'every minute' : `every ${minutes} minutes`;
};

/** When a scenario trains, in words. */
export function describeSchedule({ mode, intervalMinutes, quietHours }: Omit<Schedule, 'edge'>): string {
  if (mode === 'off') return 'off';
  const when = mode === 'always-on' ? 'always on' : every(intervalMinutes);
  const spans = [...new Set(quietHours.map(({ from, to }) => `${from} to ${to}`))];
  return spans.length === 0 ? when : `${when}, quiet from ${spans.join(' and ')}`;
}
