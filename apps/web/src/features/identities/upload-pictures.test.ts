import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inBatches } from './upload-pictures.ts';

describe('inBatches', () => {
  it('keeps every file once, in order, in batches of at most the size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 30 }), (files, size) => {
        const batches = inBatches(files, size);
        expect(batches.flat()).toEqual(files);
        expect(batches.every((b) => b.length > 0 && b.length <= size)).toBe(true);
      }),
    );
  });
});
