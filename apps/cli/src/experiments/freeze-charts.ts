import type { FreezeReport } from './freeze.ts';
import { svgChart } from './svg-chart.ts';

/** Figures 7 and 8 of the paper: one chart a scene, accuracy over training speed, a point for each depth. */
export function freezeCharts({ rows, triplets }: FreezeReport): { name: string; svg: string }[] {
  return [...new Set(rows.map((r) => r.scene))].map((scene) => {
    const of = rows.filter((r) => r.scene === scene);
    const points = (kind: 'cached' | 'uncached') =>
      of.map((r) => ({ x: r.stepsPerSecond[kind], y: r.after * 100, label: String(r.frozen) }));
    const svg = svgChart({
      title: `${scene}: accuracy and training speed by layers frozen (of 20)`,
      x: `training steps a second (${triplets} triplets each)`,
      y: 'verification accuracy, %',
      reference: { name: 'before learning', y: (of[0]?.before ?? 0) * 100 },
      series: [
        { name: 'features cached', points: points('cached') },
        { name: 'frozen part run at each step', points: points('uncached') },
      ],
    });
    return { name: `freeze-${scene}`, svg };
  });
}
