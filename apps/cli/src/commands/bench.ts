import { benchInference } from '@saface/engine';
import { benchRender } from '@saface/simulator';
import type { Command } from 'commander';
import { folders } from '../env.ts';
import { printResult, progressBar, table } from '../output.ts';
import { addBodiesBench } from './bench-bodies.ts';
import { addEnduranceBench } from './bench-endurance.ts';
import { addLearningBenches } from './bench-learning.ts';
import { addTrainingBench } from './bench-training.ts';

export function addBenchCommand(program: Command): void {
  const bench = program
    .command('bench')
    .description('speed on this machine, always beside something else in the same run')
    .addHelpText('after', '\nOther work on the machine makes every number here meaningless: stop it first.');

  bench
    .command('inference')
    .description('recognition beside bare ONNX Runtime on the same graph and face-api on wasm')
    .option('--json', 'print one JSON object', false)
    .action(async ({ json }: { json: boolean }) => {
      const bar = progressBar('measuring');
      const result = await benchInference({
        modelsDir: folders.models,
        onProgress: (done, total) => bar(done / total),
      });
      bar(1);
      printResult(result, {
        json,
        text: () =>
          table([
            ['batch', 'faces/s', 'GFLOP/s', 'bare faces/s', 'of bare', 'face-api faces/s', 'times face-api'],
            ...result.rows.map((row) => [
              String(row.batch),
              row.ours.facesPerSecond.toFixed(0),
              row.ours.gflopPerSecond.toFixed(0),
              row.bare.facesPerSecond.toFixed(0),
              row.ofBare.toFixed(2),
              row.faceApi?.facesPerSecond.toFixed(0) ?? '–',
              row.timesFaceApi?.toFixed(1) ?? '–',
            ]),
          ]),
      });
    });

  bench
    .command('render')
    .description('simulated faces rendered per second at 64 pixels')
    .option('--json', 'print one JSON object', false)
    .action(async ({ json }: { json: boolean }) => {
      const result = benchRender();
      printResult(result, {
        json,
        text: () => `${result.perSecondPerCore.toFixed(1)} faces a second and core at 64 px`,
      });
    });

  addBodiesBench(bench);
  addEnduranceBench(bench);
  addTrainingBench(bench);
  addLearningBenches(bench);
}
