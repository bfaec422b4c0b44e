import { readFile } from 'node:fs/promises';
import { describeError, SafaceError } from '@saface/core';
import { decodeModel } from '@saface/engine';
import { createFrameSource } from '@saface/media';
import type { Command } from 'commander';
import { errorCut, verify } from '../offline/evaluate.ts';
import { openFaceFinder } from '../offline/face-finder.ts';
import { observe } from '../offline/observe.ts';
import { type PairFigures, readPairs, verifyPairs } from '../offline/pairs.ts';
import { openLearner, openRecogniser } from '../offline/recogniser.ts';
import { labelFaces } from '../offline/score-detection.ts';
import { readTruth } from '../offline/truth.ts';
import { printResult, progress, progressBar, reportFailure, table } from '../output.ts';

interface EvalOptions {
  readonly video?: string;
  readonly truth?: string;
  readonly pairs?: string;
  readonly images?: string;
  readonly learner?: string;
  readonly recogniser: string;
  readonly detector: string;
  readonly from: string;
  readonly json: boolean;
}

export function addEvalCommand(program: Command): void {
  program
    .command('eval')
    .description(
      'verification accuracy of the base model, and of an adapted learner, on a labelled video or on pairs of pictures',
    )
    .option('--video <file>', 'a video file or a folder of pictures')
    .option('--truth <csv>', 'labels of the video: frame,person,x,y,width,height')
    .option('--pairs <csv>', 'instead of a video, pairs of pictures: a,b,same (and fold, if known)')
    .option('--images <dir>', 'where the pictures of the pairs are')
    .option('--learner <onnx>', 'an adapted learner, as `run --learn` writes it')
    .option('--recogniser <name>', 'a recogniser of the model library', 'default')
    .option('--detector <name>', 'a detector of the model library, or an .onnx file', 'default')
    .option('--from <share>', 'measure from this share of the video on', '0')
    .option('--json', 'print one JSON object', false)
    .action(async (options: EvalOptions) => {
      const { video, truth, pairs, images } = options;
      if (pairs && images && !video && !truth) return evaluatePairs({ ...options, pairs, images });
      if (!video || !truth || pairs || images) {
        throw new SafaceError(
          'invalid-input',
          'It is not clear what to measure on',
          'Give --video and --truth, or --pairs and --images.',
        );
      }
      const result = await evaluate({ ...options, video, truth });
      printResult(result, {
        json: options.json,
        text: () =>
          table([
            ['model', 'accuracy', 'TAR@FAR 1e-2', 'AUC'],
            ...Object.entries({ base: result.base, learner: result.learner }).flatMap(([name, f]) =>
              f ? [[name, f.accuracy.toFixed(4), f.tar_at_far_1e2.toFixed(4), f.auc.toFixed(4)]] : [],
            ),
          ]),
      });
      // The figures are of what could be read; a script learns that it was not all.
      if (result.problem) process.exitCode = 2;
    });
}

async function evaluatePairs(options: EvalOptions & { readonly pairs: string; readonly images: string }) {
  const pairs = await readPairs(options.pairs);
  const { recogniser, adapted } = await openModels(options);
  const learner = adapted ?? (await openLearner(recogniser.baseLearner));
  const finder = await openFaceFinder(options.detector);
  const bar = progressBar('looking at pictures');
  try {
    const figures = await verifyPairs(options.images, pairs, {
      recogniser,
      learner,
      finder,
      onPicture: (done, total) => bar(done / total),
    });
    const result = { recogniser: recogniser.spec.name, detector: options.detector, learner: options.learner ?? null };
    printResult({ ...result, ...figures }, { json: options.json, text: () => describePairs(figures) });
  } finally {
    await finder.dispose();
    await learner.dispose();
    await recogniser.extractor.dispose();
  }
}

function describePairs(figures: PairFigures): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  return [
    `${figures.pairs} pairs: ${percent(figures.bestAccuracy)} right at the best threshold (${figures.bestThreshold.toFixed(3)}), AUC ${figures.auc.toFixed(4)}`,
    ...(figures.foldAccuracy === null ? [] : [`${percent(figures.foldAccuracy)} over ${figures.folds} folds`]),
    `TAR ${percent(figures.tarAtFar1e2)} at FAR 1e-2, ${percent(figures.tarAtFar1e3)} at 1e-3`,
    `${figures.withoutFace} pictures in which no face was found`,
  ].join('\n');
}

async function evaluate(options: EvalOptions & { readonly video: string; readonly truth: string }) {
  const { video, truth, detector, from } = options;
  const share = Number(from);
  if (!(share >= 0 && share < 1)) {
    throw new SafaceError(
      'invalid-input',
      `--from ${from} is not a share of the video`,
      'Give a number from 0 to below 1, for example 0.8333.',
    );
  }
  const labelled = await readTruth(truth);
  const { recogniser, adapted } = await openModels(options);
  const { spec, extractor, baseLearner } = recogniser;
  const observation = await observe(createFrameSource(video), {
    spec,
    extractor,
    detector,
    signal: new AbortController().signal,
    onFrame: (frames) => {
      if (frames % 100 === 0) progress(`  ${frames} frames`);
    },
  });
  const { problem } = observation;
  if (problem) reportFailure(problem);
  const labels = labelFaces(observation.probes, labelled);
  const fromFrame = Math.round(observation.frames * share);
  const base = await verify(observation, labels, { learner: await openLearner(baseLearner), spec, fromFrame });
  const after = adapted ? await verify(observation, labels, { learner: adapted, spec, fromFrame }) : null;
  await Promise.all([extractor.dispose(), observation.dispose()]);
  return {
    video,
    problem: problem && { message: problem.message, remedy: problem.remedy },
    fromFrame,
    base,
    learner: after,
    errorCut: after ? errorCut(base.accuracy, after.accuracy) : null,
  };
}

/** A learner begins at the tensor that it was cut at; the recogniser has to be cut there as well. */
async function openModels({ recogniser: name, learner: path }: Pick<EvalOptions, 'recogniser' | 'learner'>) {
  if (path === undefined) return { recogniser: await openRecogniser(name), adapted: null };
  const onnx = await readLearner(path);
  const cut = decodeModel(onnx).graph.inputs[0]?.name;
  const recogniser = await openRecogniser(name, { cut }).catch((cause: unknown) => {
    if (!(cause instanceof SafaceError && cause.code === 'invalid-input')) throw cause;
    const message = `The learner "${path}" does not fit the recogniser "${name}": ${cause.message}`;
    throw new SafaceError('invalid-input', message, 'Name what it was adapted from with --recogniser.', { cause });
  });
  return { recogniser, adapted: await openLearner(onnx) };
}

async function readLearner(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new SafaceError(
      'not-found',
      `The learner "${path}" cannot be read (${describeError(cause)})`,
      'Give the learner.onnx of an earlier `saface run --learn`.',
      { cause },
    );
  }
}
