import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axis, svgChart } from './svg-chart.ts';

describe('svg chart', () => {
  it('holds every value between round limits', () => {
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
        const { low, high, ticks } = axis(values);
        for (const v of values) {
          expect(v).toBeGreaterThanOrEqual(low);
          expect(v).toBeLessThanOrEqual(high);
        }
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThan(12);
      }),
    );
  });

  it('draws a marker and its label for each point, and no markup from names', () => {
    const svg = svgChart({
      title: 'a < b',
      x: 'steps/s',
      y: 'accuracy, %',
      reference: { name: 'before', y: 80 },
      series: [
        {
          name: 'one',
          points: [
            { x: 1, y: 90, label: '0' },
            { x: 3, y: 91, label: '12' },
          ],
        },
        { name: 'two', points: [{ x: 2, y: 89 }] },
      ],
    });
    expect(svg.match(/<circle/g)).toHaveLength(3);
    expect(svg).toContain('>12</text>');
    expect(svg).toContain('a &lt; b');
    expect(svg).toContain('>before</text>');
    expect(svg).toContain('>80</text>');
    expect(svg).not.toMatch(/NaN|undefined/);
  });
});
