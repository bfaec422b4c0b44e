import { expect, it } from 'vitest';
import { describeSchedule } from './describe-schedule.ts';

const night = { from: '22:00', to: '06:00' };

it.each([
  [{ mode: 'off', intervalMinutes: 60, quietHours: [night] }, 'off'],
  [{ mode: 'always-on', intervalMinutes: 60, quietHours: [] }, 'always on'],
  [{ mode: 'always-on', intervalMinutes: 60, quietHours: [night, night] }, 'always on, quiet from 22:00 to 06:00'],
  [{ mode: 'periodic', intervalMinutes: 60, quietHours: [] }, 'every hour'],
  [{ mode: 'periodic', intervalMinutes: 120, quietHours: [] }, 'every 2 hours'],
  [{ mode: 'periodic', intervalMinutes: 1440, quietHours: [] }, 'every day'],
  [
    { mode: 'periodic', intervalMinutes: 90, quietHours: [night, { from: '12:00', to: '13:00' }] },
    'every 90 minutes, quiet from 22:00 to 06:00 and 12:00 to 13:00',
  ],
] as const)('%j is "%s"', (schedule, words) => {
  expect(describeSchedule({ ...schedule, quietHours: [...schedule.quietHours] })).toBe(words);
});
