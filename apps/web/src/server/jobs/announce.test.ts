import { afterEach, expect, it, vi } from 'vitest';
import { announce } from './announce.ts';

afterEach(() => vi.useRealTimers());

const told = { id: 'm1', payload: { modelImportId: 'm1' } };

it('gives the worker one job for a row, under the name of the row', async () => {
  const log = { warn: vi.fn() };
  const add = vi.fn(async () => undefined as never);
  await announce<'modelImport'>({ name: 'model-import', add }, { ...told, log: log as never });
  expect(add).toHaveBeenCalledWith('model-import', told.payload, { jobId: 'm1' });
  expect(log.warn).not.toHaveBeenCalled();
});

it.each([
  ['is away', () => Promise.reject(new Error('connect ECONNREFUSED'))],
  ['takes commands and answers none', () => new Promise<never>(() => undefined)],
])('says so in the log and lets whoever asked go on where Redis %s', async (_, add) => {
  vi.useFakeTimers();
  const log = { warn: vi.fn() };
  const done = announce<'modelImport'>({ name: 'model-import', add }, { ...told, log: log as never });
  await vi.advanceTimersByTimeAsync(3000);
  await done;
  expect(log.warn).toHaveBeenCalledTimes(1);
});
