import { describe, expect, it } from 'vitest';
import { errorText } from './error-text.ts';

describe('errorText', () => {
  it('takes the remedy that came with a tRPC error', () => {
    const error = Object.assign(new Error('No gallery g1'), { data: { code: 'NOT_FOUND', remedy: 'Pick another.' } });
    expect(errorText(error)).toEqual({ message: 'No gallery g1', remedy: 'Pick another.' });
  });

  it('takes message and remedy of a plain JSON answer', () => {
    expect(errorText({ message: 'Too big', remedy: 'Send less.' })).toEqual({
      message: 'Too big',
      remedy: 'Send less.',
    });
  });

  it("puts the browser's network failures into words", () => {
    expect(errorText(new TypeError('Failed to fetch')).message).toBe('The control plane does not answer');
  });

  it('says something of anything', () => {
    expect(errorText(undefined)).toEqual({ message: 'Something went wrong', remedy: null });
  });
});
