import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csvCell } from './export-events.ts';

describe('csvCell', () => {
  it('quotes what would break the row and disarms what a spreadsheet would run', () => {
    expect(csvCell('plain')).toBe('plain');
    expect(csvCell('a,b')).toBe('"a,b"');
    expect(csvCell('say "hi"')).toBe('"say ""hi"""');
    expect(csvCell('=1+1')).toBe("'=1+1");
    expect(csvCell(-0.5)).toBe('-0.5');
    expect(csvCell(null)).toBe('');
  });

  it('never lets a cell end early', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const cell = csvCell(text);
        const bare = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '') : cell;
        expect(bare).not.toMatch(cell.startsWith('"') ? /"/ : /[",\r\n]/);
      }),
    );
  });
});
