import { describe, expect, it } from 'vitest';
import { describeDecision } from './describe-decision.ts';

const ada = { id: 'i1', name: 'Ada' };
const ben = { id: 'i2', name: 'Ben' };
const recognised = {
  decision: 'recognised' as const,
  identity: ada,
  distance: 0.4,
  threshold: 0.6,
  runnerUp: ben,
  runnerUpDistance: 0.8,
  secondDistance: 0.8,
};
const unknown = (nearest: number, second: number | null) => ({
  ...recognised,
  decision: 'unknown' as const,
  identity: null,
  distance: nearest,
  runnerUp: ada,
  runnerUpDistance: nearest,
  secondDistance: second,
});

describe('describeDecision', () => {
  it('names whoever was recognised and the runner-up', () => {
    expect(describeDecision(recognised)).toEqual([
      { term: 'Best', value: 'Ada, distance 0.400' },
      { term: 'Runner-up', value: 'Ben, distance 0.800' },
    ]);
    const alone = { ...recognised, runnerUp: null, runnerUpDistance: null, secondDistance: null };
    expect(describeDecision(alone)[1]).toEqual({ term: 'Runner-up', value: 'none' });
  });

  it('tells somebody who is near to two people from somebody who is near to nobody', () => {
    expect(describeDecision(unknown(0.6, 0.62))).toEqual([
      { term: 'Best', value: 'two people were about as near, so none was named' },
      { term: 'Nearest', value: 'Ada, distance 0.600' },
      { term: 'Second nearest', value: 'distance 0.620' },
    ]);
    expect(describeDecision(unknown(0.61, null))).toEqual([
      { term: 'Best', value: 'nobody near enough' },
      { term: 'Nearest', value: 'Ada, distance 0.610' },
    ]);
  });

  it('says when nobody was there to compare with', () => {
    const nobody = { ...unknown(0, null), distance: null, runnerUp: null, runnerUpDistance: null };
    expect(describeDecision(nobody).map((fact) => fact.value)).toEqual(['nobody to compare with', 'none']);
  });

  it('keeps the distance of somebody whose name was erased', () => {
    expect(describeDecision({ ...recognised, identity: null })[0].value).toBe('somebody since erased, distance 0.400');
    expect(describeDecision({ ...unknown(0.7, null), runnerUp: null })[1].value).toBe(
      'somebody since erased, distance 0.700',
    );
  });
});
