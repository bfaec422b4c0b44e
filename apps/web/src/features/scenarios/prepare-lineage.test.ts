import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareLineage } from './prepare-lineage.ts';

const v = (id: string, number: number, parentId: string | null = null) => ({ id, number, parentId });
const shape = (versions: Parameters<typeof prepareLineage>[0]) =>
  prepareLineage(versions).map(({ version, depth }) => `${' '.repeat(depth)}${version.id}`);

describe('prepareLineage', () => {
  it('puts children under their parent, oldest first', () => {
    expect(shape([v('d', 3, 'b'), v('base', 0), v('c', 2, 'base'), v('b', 1, 'base')])).toEqual([
      'base',
      ' b',
      '  d',
      ' c',
    ]);
  });

  it('keeps a version whose parent is gone', () => {
    expect(shape([v('b', 1, 'gone')])).toEqual(['b']);
  });

  it('shows every version once, even in a circle', () => {
    const parents = fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }), { maxLength: 10 });
    fc.assert(
      fc.property(parents, (list) => {
        const versions = list.map((parent, i) => v(`v${i}`, i, parent === null ? null : `v${parent}`));
        const shown = prepareLineage(versions).map((row) => row.version.id);
        expect([...shown].sort()).toEqual(versions.map((x) => x.id).sort());
      }),
    );
  });
});
