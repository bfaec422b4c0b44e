import { SafaceError } from '@saface/core';
import { UnrecoverableError } from 'bullmq';
import { describe, expect, it, vi } from 'vitest';
import { checkHandlers, controlQueues, MAX_TRIES, parsePayload, withPatience } from './registry.ts';

describe('the worker', () => {
  it('starts only with exactly one handler for each queue', () => {
    const all = controlQueues.map((queue) => ({ queue }));
    expect(() => checkHandlers(all)).not.toThrow();
    expect(() => checkHandlers(all.filter(({ queue }) => queue !== 'enrolmentCheck'))).toThrow(
      'enrolmentCheck has 0 handlers',
    );
    expect(() => checkHandlers([...all, { queue: 'retention' }])).toThrow('retention has 2 handlers');
    expect(() => checkHandlers([...all, { queue: 'x' }])).toThrow('no queue x');
  });

  it('does not try a bad payload twice', () => {
    expect(parsePayload('enrolmentCheck', { enrolmentImageId: 'a' })).toEqual({ enrolmentImageId: 'a' });
    expect(() => parsePayload('enrolmentCheck', { enrolmentImageId: 7 })).toThrow(UnrecoverableError);
  });
});

describe('a job that keeps failing', () => {
  const payload = { moveId: 'a' };
  function setUp(error: Error) {
    const handler = {
      run: vi.fn(async () => {
        throw error;
      }),
      giveUp: vi.fn(async (_payload: typeof payload, _why: SafaceError) => undefined),
    };
    const state = { stopping: false };
    const run = withPatience<'baseModelMove'>(handler, () => state.stopping);
    const fail = async (times: number, id = 'a') => {
      for (let i = 0; i < times; i++) await expect(run(id, payload)).rejects.toThrow();
    };
    return { handler, state, fail, run };
  }

  it('is given up after a few tries, in words', async () => {
    const { handler, fail } = setUp(new SafaceError('integrity', 'It is damaged', 'Send it again.'));
    await fail(MAX_TRIES - 1);
    await fail(MAX_TRIES - 1, 'another');
    expect(handler.giveUp).not.toHaveBeenCalled();
    await fail(1);
    expect(handler.giveUp.mock.calls).toEqual([[payload, expect.objectContaining({ message: 'It is damaged' })]]);
  });

  it('does not show the inner text of an error', async () => {
    const { handler, fail } = setUp(new Error('relation "User" does not exist'));
    await fail(MAX_TRIES);
    const [[, why]] = handler.giveUp.mock.calls;
    expect(why.message).toBe('It failed 3 times in a row');
    expect(why.remedy).toContain('log of the worker');
  });

  it('is not given up because the worker stops, or after a try that did well', async () => {
    const { handler, state, fail, run } = setUp(new Error('killed'));
    state.stopping = true;
    await fail(MAX_TRIES);
    state.stopping = false;
    await fail(MAX_TRIES - 1);
    handler.run.mockResolvedValueOnce(undefined as never);
    await run('a', payload);
    await fail(MAX_TRIES - 1);
    expect(handler.giveUp).not.toHaveBeenCalled();
  });

  it('is not given up because the database was away', async () => {
    const { handler, fail } = setUp(new Error('connect ECONNREFUSED 127.0.0.1:5432'));
    await fail(MAX_TRIES + 1);
    expect(handler.giveUp).not.toHaveBeenCalled();
  });

  it('is given up with the next failure when its row could not be told', async () => {
    const { handler, fail } = setUp(new Error('no database'));
    handler.giveUp.mockRejectedValueOnce(new Error('no database'));
    await fail(MAX_TRIES + 1);
    expect(handler.giveUp).toHaveBeenCalledTimes(2);
  });
});
