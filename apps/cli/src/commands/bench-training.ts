import {
  benchTrainingApart,
  benchTrainingVersus,
  mobileLearner,
  type TrainingApart,
  type TrainingVersus,
} from '@saface/engine';
import type { Command } from 'commander';
import { openRecogniser } from '../offline/recogniser.ts';
import { printResult, progress, table } from '../output.ts';

/** Triplets per step: what Eq. 2 leaves on a small machine, and the paper's 40. */
const TRIPLETS = [16, 40] as const;

interface Subject {
  readonly model: string;
  readonly cut: string;
  readonly learner: Uint8Array;
  readonly metric: 'euclidean' | 'cosine';
}

interface Measured {
  readonly model: string;
  readonly cut: string;
  readonly rows: readonly TrainingApart[];
  /** Null when it was not asked for. */
  readonly versus: TrainingVersus | null;
}

export function addTrainingBench(bench: Command): void {
  bench
    .command('training')
    .description("a training step beside the learner's forward pass at equal batch, and beside TensorFlow.js")
    .option('--model <name>', 'one recogniser of the model library; default: the built-in one and a mobile network')
    .option('--no-versus', 'leave TensorFlow.js out: it needs a minute')
    .option('--json', 'print one JSON object', false)
    .action(async ({ json, model, versus }: { json: boolean; model?: string; versus: boolean }) => {
      const subjects = model === undefined ? [await ofLibrary('default'), mobile()] : [await ofLibrary(model)];
      const models: Measured[] = [];
      for (const subject of subjects) models.push(await measure(subject, versus));
      printResult({ models }, { json, text: () => describe(models) });
    });
}

async function ofLibrary(name: string): Promise<Subject> {
  const { baseLearner, spec, extractor } = await openRecogniser(name);
  await extractor.dispose();
  return { model: spec.name, cut: spec.defaultCut, learner: baseLearner, metric: spec.metric };
}

/** The operators and sizes of a MobileFaceNet from its 28x28 features on; speed does not depend on the weights. */
function mobile(): Subject {
  const learner = mobileLearner({ channels: 64, size: 28, dimension: 128, repeats: 6 });
  return { model: 'mobile network, made-up weights', cut: '64x28x28', learner, metric: 'cosine' };
}

async function measure({ model, cut, learner, metric }: Subject, versus: boolean): Promise<Measured> {
  const rows: TrainingApart[] = [];
  for (const triplets of TRIPLETS) {
    progress(`  ${model}: ${triplets} triplets`);
    rows.push(await benchTrainingApart({ learner, metric, triplets }));
  }
  if (!versus) return { model, cut, rows, versus: null };
  progress(`  ${model}: beside TensorFlow.js`);
  return { model, cut, rows, versus: await benchTrainingVersus({ learner, metric }) };
}

function describe(models: readonly Measured[]): string {
  const rows = models.flatMap(({ model, rows: measured, versus }) =>
    measured.map((row) => [
      model,
      String(row.triplets),
      row.stepMs.toFixed(0),
      row.forwardMs.toFixed(0),
      row.ratio.toFixed(2),
      (row.quarterStepMs / row.forwardMs).toFixed(2),
      row.stepsPerSecond.toFixed(2),
      row.stepGflops.toFixed(0),
      row.peakMiB.toFixed(0),
      versus && row === measured[0]
        ? `${versus.timesTfjs.toFixed(1)} (${versus.backend}, ${versus.triplets} triplets)`
        : '–',
    ]),
  );
  const head = [
    'model',
    'triplets',
    'step ms',
    'forward ms',
    'step / forward',
    'a quarter active',
    'steps/s',
    'GFLOP/s',
    'peak MiB',
  ];
  return table([[...head, 'times tfjs'], ...rows]);
}
