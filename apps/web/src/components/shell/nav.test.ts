import { describe, expect, it } from 'vitest';
import { isCurrent, navItems } from './nav.ts';

const current = (pathname: string) => navItems.filter((item) => isCurrent(item, pathname)).map((item) => item.label);

describe('isCurrent', () => {
  it('marks exactly one page for every address of the console', () => {
    expect(current('/')).toEqual(['Overview']);
    expect(current('/galleries/g1')).toEqual(['Galleries']);
    expect(current('/identities/i1')).toEqual(['Galleries']);
    expect(current('/scenarios/s1')).toEqual(['Scenarios']);
  });

  it('does not take a longer word for a page below', () => {
    expect(current('/livestock')).toEqual([]);
  });
});
