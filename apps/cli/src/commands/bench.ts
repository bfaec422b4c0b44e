import { benchInference, benchTraining, type TrainingBenchResult } from '@saface/engine';
import { benchRender } from '@saface/simulator';
import type { Command } from 'commander';
import { folders } from '../env.ts';
import { openRecogniser } from '../offline/recogniser.ts';
import { printResult, progressBar, table } from '../output.ts';
import { addBodiesBench } from './bench-bodies.ts';
import { addEnduranceBench } from './bench-endurance.ts';
import { addLearningBenches } from './bench-learning.ts';

/** Triplets per step: what Eq. 2 leaves on a small machine, and the paper's 40. */
const TRIPLETS = [16, 40] as const;

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
    .command('training')
    .description("a training step beside the learner's forward pass at equal batch")
    .option('--json', 'print one JSON object', false)
    .action(async ({ json }: { json: boolean }) => {
      const bar = progressBar('measuring');
      const { baseLearner, spec } = await openRecogniser();
      const rows: TrainingBenchResult[] = [];
      for (const [at, triplets] of TRIPLETS.entries()) {
        const onRound = (done: number, total: number) => bar((at + done / total) / TRIPLETS.length);
        rows.push(await benchTraining({ learner: baseLearner, metric: spec.metric, triplets, onRound }));
      }
      bar(1);
      printResult(
        { model: spec.name, cut: spec.defaultCut, rows },
        {
          json,
          text: () =>
            table([
              ['triplets', 'step ms', 'forward ms', 'step / forward', 'steps/s', 'GFLOP/s', 'memory MiB'],
              ...rows.map((row) => [
                String(row.triplets),
                row.stepMs.toFixed(0),
                row.forwardMs.toFixed(0),
                row.ratio.toFixed(2),
                row.stepsPerSecond.toFixed(2),
                row.stepGflops.toFixed(0),
                row.rssMiB.toFixed(0),
              ]),
            ]),
        },
      );
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
  addLearningBenches(bench);
}
