import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inBatches } from './upload-pictures.ts';

const files = fc.array(fc.record({ size: fc.nat(40) }));
const most = fc.record({ files: fc.integer({ min: 1, max: 8 }), bytes: fc.integer({ min: 1, max: 100 }) });
const bytesOf = (batch: readonly { size: number }[]) => batch.reduce((sum, { size }) => sum + size, 0);

describe('inBatches', () => {
  it('keeps every file once, in order, in batches of at most so many files and bytes', () => {
    fc.assert(
      fc.property(files, most, (all, limit) => {
        const batches = inBatches(all, limit);
        expect(batches.flat()).toEqual(all);
        for (const batch of batches) {
          expect(batch.length).toBeGreaterThan(0);
          expect(batch.length).toBeLessThanOrEqual(limit.files);
          if (batch.length > 1) expect(bytesOf(batch)).toBeLessThanOrEqual(limit.bytes);
        }
      }),
    );
  });

  it('sends large pictures in requests that the server takes', () => {
    const large = Array.from({ length: 20 }, () => ({ size: 15 * 1024 * 1024 }));
    expect(inBatches(large).map(({ length }) => length)).toEqual([6, 6, 6, 2]);
    expect(inBatches(large.map(() => ({ size: 1024 })))).toHaveLength(1);
  });
});
