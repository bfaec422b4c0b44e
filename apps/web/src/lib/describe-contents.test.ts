import { describe, expect, it } from 'vitest';
import { describeContents, inWords } from './describe-contents.ts';

describe('what is in a site', () => {
  it('names only what there is', () => {
    expect(describeContents({ edges: 2, cameras: 1, scenarios: 3 })).toBe('2 edges, 1 camera and 3 scenarios');
    expect(describeContents({ edges: 1, cameras: 0, scenarios: 0 })).toBe('1 edge');
  });

  it('is nothing to say of an empty one', () => {
    expect(describeContents({ edges: 0, cameras: 0, scenarios: 0 })).toBeNull();
  });
});

describe('a list in words', () => {
  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
  ])('%j', (parts, words) => {
    expect(inWords(parts)).toBe(words);
  });
});
