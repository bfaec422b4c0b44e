import { describe, expect, it } from 'vitest';
import { prepareEquation } from './prepare-equation.ts';

describe('prepareEquation', () => {
  it('spells Eq. 2 out with the figures of now', () => {
    const { withNumbers, explanation } = prepareEquation({ alpha: 1, nE: 20, bMax: 12, load: 0.35, batch: 7 });
    expect(withNumbers).toBe('max(0, 12 × (1 − 1 × 7 / 20)) = 7.8');
    expect(explanation).toContain('7 of 20 faces');
  });

  it('never goes below zero', () => {
    expect(prepareEquation({ alpha: 5, nE: 10, bMax: 8, load: 0.9, batch: 0 }).withNumbers).toMatch(/= 0$/);
  });

  it('says what is missing instead of calculating with zeros', () => {
    expect(prepareEquation({ alpha: 1, nE: null, bMax: null, load: 0, batch: null }).withNumbers).toBeNull();
    expect(prepareEquation({ alpha: 1, nE: 1, bMax: 1, load: null, batch: null }).explanation).toContain(
      'not reported',
    );
  });
});
