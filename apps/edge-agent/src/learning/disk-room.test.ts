import { expect, it } from 'vitest';
import { Problems } from '../control/problems.ts';
import { DiskRoom } from './disk-room.ts';

it('lets training wait a minute, and says why until something is written again', () => {
  let now = 0;
  const problems = new Problems();
  const room = new DiskRoom(problems, () => now);
  expect(room.isShort).toBe(false);
  room.ranOut('The disk is full — Free some space.');
  expect(room.isShort).toBe(true);
  expect(problems.list()).toEqual([expect.stringContaining('Free some space.')]);
  now = 60_000;
  expect(room.isShort).toBe(false);
  expect(problems.list()).toHaveLength(1);
  room.wrote();
  expect(problems.list()).toEqual([]);
});
