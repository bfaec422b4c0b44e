import { describe, expect, it } from 'vitest';
import { requireScraper } from './prometheus.ts';

describe('who may read metrics', () => {
  it('is everybody while no token is configured', () => {
    expect(() => requireScraper(null, undefined)).not.toThrow();
  });

  it('is the bearer of the token once there is one', () => {
    expect(() => requireScraper('Bearer 0123456789abcdef', '0123456789abcdef')).not.toThrow();
    for (const wrong of [null, '', '0123456789abcdef', 'Bearer', 'Bearer 0123456789abcdeg'])
      expect(() => requireScraper(wrong, '0123456789abcdef')).toThrow('only for scrapers');
  });
});
