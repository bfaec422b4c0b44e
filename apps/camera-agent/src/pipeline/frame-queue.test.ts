import { expect, it } from 'vitest';
import { FrameQueue } from './frame-queue.ts';

const drain = async <T>(queue: FrameQueue<T>) => {
  const items: T[] = [];
  for await (const item of queue) items.push(item);
  return items;
};

it('forgets the oldest first when it is live', async () => {
  const dropped: number[] = [];
  const queue = new FrameQueue<number>({ capacity: 2, whenFull: 'drop-oldest', onDrop: (item) => dropped.push(item) });
  for (let i = 0; i < 5; i++) await queue.push(i);
  queue.close();
  expect(await drain(queue)).toEqual([3, 4]);
  expect(dropped).toEqual([0, 1, 2]);
});

it('holds the producer back when nothing may be lost', async () => {
  const queue = new FrameQueue<number>({ capacity: 2, whenFull: 'wait' });
  let pushed = 0;
  const producing = (async () => {
    for (let i = 0; i < 20; i++) {
      await queue.push(i);
      pushed++;
      expect(queue.length).toBeLessThanOrEqual(2);
    }
    queue.close();
  })();
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(pushed).toBe(2);
  expect(await drain(queue)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  await producing;
});

it('lets a waiting producer go when it is closed', async () => {
  const queue = new FrameQueue<number>({ capacity: 1, whenFull: 'wait' });
  await queue.push(1);
  const stuck = queue.push(2);
  queue.close(true);
  await stuck;
  expect(await drain(queue)).toEqual([]);
});
