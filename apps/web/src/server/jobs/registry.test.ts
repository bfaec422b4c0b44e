import { UnrecoverableError } from 'bullmq';
import { describe, expect, it } from 'vitest';
import { checkHandlers, parsePayload } from './registry.ts';

describe('the worker', () => {
  it('starts only with exactly one handler for each queue', () => {
    expect(() => checkHandlers([{ queue: 'enrolmentCheck' }, { queue: 'retention' }])).not.toThrow();
    expect(() => checkHandlers([{ queue: 'retention' }])).toThrow('enrolmentCheck has 0 handlers');
    expect(() => checkHandlers([{ queue: 'enrolmentCheck' }, { queue: 'retention' }, { queue: 'retention' }])).toThrow(
      'retention has 2 handlers',
    );
    expect(() => checkHandlers([{ queue: 'enrolmentCheck' }, { queue: 'retention' }, { queue: 'x' }])).toThrow(
      'no queue x',
    );
  });

  it('does not try a bad payload twice', () => {
    expect(parsePayload('enrolmentCheck', { enrolmentImageId: 'a' })).toEqual({ enrolmentImageId: 'a' });
    expect(() => parsePayload('enrolmentCheck', { enrolmentImageId: 7 })).toThrow(UnrecoverableError);
  });
});
