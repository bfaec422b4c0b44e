import { describe, expect, it } from 'vitest';
import { Problems } from './problems.ts';

describe('problems of an edge', () => {
  it('lasts until it is cleared', () => {
    const problems = new Problems();
    problems.set('disk', 'The disk is full');
    expect(problems.list()).toEqual(['The disk is full']);
    problems.clear('disk');
    expect(problems.list()).toEqual([]);
  });

  it('tells for a day what went wrong once, from the last time on', () => {
    let now = 0;
    const changes: [string, string | null][] = [];
    const problems = new Problems(
      (key, message) => changes.push([key, message]),
      () => now,
    );
    const hours = (count: number) => count * 3_600_000;
    problems.happened('command:train-now', 'The order failed');
    now = hours(20);
    problems.happened('command:train-now', 'The order failed');
    now = hours(43);
    expect(problems.list()).toEqual(['The order failed']);
    now = hours(44);
    expect(problems.list()).toEqual([]);
    expect(changes).toEqual([
      ['command:train-now', 'The order failed'],
      ['command:train-now', null],
    ]);
  });

  it('stays when what happened turns out to last', () => {
    let now = 0;
    const problems = new Problems(undefined, () => now);
    problems.happened('outbox', 'An item was put aside');
    problems.set('outbox', 'Items cannot be sent');
    now = 100 * 3_600_000;
    expect(problems.list()).toEqual(['Items cannot be sent']);
  });
});
