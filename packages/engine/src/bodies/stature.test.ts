import { describe, expect, it } from 'vitest';
import { Stature } from './stature.ts';

/** People who stand farther up in the picture are farther away: 40 pixels tall in row 100, 160 in row 300. */
const usualAt = (feet: number) => 40 + 0.6 * (feet - 100);

describe('Stature', () => {
  const learnt = () => {
    const stature = new Stature();
    for (let i = 0; i < 200; i++) {
      const feet = 100 + ((i * 37) % 200);
      expect(stature.accepts(feet, usualAt(feet) * (0.9 + 0.02 * (i % 10)))).toBe(true);
    }
    return stature;
  };

  it('takes everybody until it has seen enough', () => {
    const stature = new Stature();
    for (let i = 0; i < 100; i++) expect(stature.accepts(i, i % 2 ? 40 : 400)).toBe(true);
  });

  it('leaves out who is too tall or too short for where he stands', () => {
    const stature = learnt();
    for (const feet of [120, 200, 290]) {
      expect(stature.accepts(feet, 0.8 * usualAt(feet))).toBe(true);
      expect(stature.accepts(feet, 1.7 * usualAt(feet))).toBe(false);
      expect(stature.accepts(feet, 0.45 * usualAt(feet))).toBe(false);
    }
  });

  it('learns anew when the camera was turned', () => {
    const stature = learnt();
    for (let i = 0; i < 600; i++) stature.accepts(100 + ((i * 37) % 200), 2 * usualAt(200));
    expect(stature.accepts(200, 2 * usualAt(200))).toBe(true);
    expect(stature.accepts(200, usualAt(200))).toBe(false);
  });
});
