import { shapeHead } from './head-shape.ts';
import { createLayer } from './layer.ts';
import { createPopulation } from './person.ts';
import { type Lighting, renderHead } from './render.ts';

export interface RenderBenchmark {
  readonly renders: number;
  readonly seconds: number;
  /** Faces a second on one core, in a picture 64 pixels wide and high. */
  readonly perSecondPerCore: number;
}

const light: Lighting = {
  key: { direction: [0.4, 0.8, 0.7], colour: [1.3, 1.2, 1.1] },
  rim: { direction: [-0.6, 0.2, -0.7], colour: [0.3, 0.3, 0.35] },
  sky: [0.3, 0.3, 0.32],
  ground: [0.16, 0.15, 0.14],
};

/** How fast heads are rendered at 64 pixels, on this one thread; a pool renders as many for each further core. */
export function benchRender(milliseconds = 1500): RenderBenchmark {
  const size = 64;
  const people = createPopulation(1, 16);
  const layer = createLayer(size, size);
  const renderOne = (i: number) => {
    const person = people[i % people.length];
    if (person === undefined) return;
    layer.data.fill(0);
    const pose = { yaw: 0.6 * Math.sin(i), pitch: 0.2, roll: 0 };
    renderHead(shapeHead(person), pose, { x: size / 2, y: size * 0.47, scale: size / 2.9, distance: 30 }, light, layer);
  };
  for (let i = 0; i < 16; i++) renderOne(i); // let the compiler warm up
  const start = performance.now();
  let renders = 0;
  while (performance.now() - start < milliseconds) renderOne(renders++);
  const seconds = (performance.now() - start) / 1000;
  return { renders, seconds, perSecondPerCore: renders / seconds };
}
