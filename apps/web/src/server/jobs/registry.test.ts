import { UnrecoverableError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { checkHandlers, controlQueues, parsePayload } from './registry.ts';

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
