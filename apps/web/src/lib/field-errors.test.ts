import { describe, expect, it } from 'vitest';
import { fieldError, hasFieldErrors } from './field-errors.ts';

const refused = { data: { fields: { 'policy.alpha': ['alpha must be 0 or more', 'second'] } } };

describe('fieldError', () => {
  it('finds the first message of a path', () => {
    expect(fieldError(refused, 'policy.alpha')).toBe('alpha must be 0 or more');
    expect(fieldError(refused, 'policy.rC')).toBeNull();
  });

  it('copes with errors of any other shape', () => {
    expect([null, undefined, new Error('x'), { data: { fields: null } }].map((e) => fieldError(e, 'name'))).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect(hasFieldErrors(new Error('x'))).toBe(false);
    expect(hasFieldErrors(refused)).toBe(true);
  });
});
