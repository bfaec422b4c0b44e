import { stepsOf, tripletsOf } from '@saface/core';
import { createFrameSource } from '@saface/media';
import { ensureYardVideo, yardLength } from '@saface/simulator';
import { folders } from '../env.ts';
import { errorCut, type VerificationFigures, verify } from '../offline/evaluate.ts';
import { learnFromObservation } from '../offline/learn.ts';
import { observe } from '../offline/observe.ts';
import { openLearner, openRecogniser } from '../offline/recogniser.ts';
import { labelFaces, trackPurity } from '../offline/score-detection.ts';
import { readTruth } from '../offline/truth.ts';
import { progress, progressBar } from '../output.ts';
import { bodyBenchmark } from './body-benchmark.ts';
import { ensureBodyReid } from './ensure-body-reid.ts';
import { bodyReidName } from './train-body-network.ts';

/** One yard, with people and light of its own. */
export interface BodiesRow {
  readonly seed: number;
  readonly frames: number;
  readonly probes: number;
  readonly tracks: number;
  /** Share of probes that lie on a labelled person, and of those that belong to the main person of their track. */
  readonly labelled: number;
  readonly purity: number;
  readonly triplets: number;
  readonly steps: number;
  readonly passed: boolean;
  readonly reason: string;
  /** On the last sixth, which learning never saw. */
  readonly before: VerificationFigures;
  /** Of the candidate, whether or not the gate let it through. */
  readonly candidate: VerificationFigures;
  /** What would serve: the candidate where the gate let it through, else the base. */
  readonly served: VerificationFigures;
  readonly errorCut: number;
}

export interface BodiesBenchmark {
  readonly recogniser: string;
  /** How people were found: by the pixels, never by the truth. */
  readonly detector: 'motion';
  readonly pretraining: Readonly<Record<string, number | string>>;
  readonly rows: readonly BodiesRow[];
  readonly mean: { readonly before: number; readonly served: number; readonly errorCut: number };
}

/** The whole flow with people instead of faces: background subtraction, tracks, Algorithm 1, fine-tuning, gate, evaluation. */
export async function benchBodies(seeds: readonly number[], signal: AbortSignal): Promise<BodiesBenchmark> {
  const { figures } = await ensureBodyReid();
  const rows: BodiesRow[] = [];
  for (const seed of seeds) rows.push(await benchYard(seed, signal));
  const meanOf = (pick: (row: BodiesRow) => number) => rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
  const mean = { before: meanOf((r) => r.before.accuracy), served: meanOf((r) => r.served.accuracy) };
  return {
    recogniser: bodyReidName,
    detector: 'motion',
    pretraining: figures,
    rows,
    mean: { ...mean, errorCut: errorCut(mean.before, mean.served) },
  };
}

async function benchYard(seed: number, signal: AbortSignal): Promise<BodiesRow> {
  progress(`Yard ${seed}`);
  const bar = progressBar('rendering');
  const video = await ensureYardVideo(
    folders.worlds,
    { seed, ...yardLength },
    { signal, onProgress: ({ done, total }) => bar(done / total) },
  );
  const recogniser = await openRecogniser(bodyReidName);
  const { spec, extractor, baseLearner } = recogniser;
  const observation = await observe(createFrameSource(video.video), { spec, extractor, signal, toLearn: true });
  try {
    signal.throwIfAborted();
    const fromFrame = Math.round((observation.frames * 5) / 6);
    const { adaptation, learner } = await learnFromObservation(observation, {
      ...recogniser,
      benchmark: await bodyBenchmark(extractor),
      untilFrame: fromFrame,
      signal,
      onProgress: ({ step, totalSteps, score }) => {
        if (score !== null)
          progress(`  step ${step} of ${totalSteps}: held-out accuracy ${(score * 100).toFixed(2)} %`);
      },
    });
    signal.throwIfAborted();
    progress(`  ${adaptation.verdict.reason}`);
    const labels = labelFaces(observation.probes, await readTruth(video.truth));
    const scored = async (onnx: Uint8Array) =>
      verify(observation, labels, { learner: await openLearner(onnx), spec, fromFrame });
    const before = await scored(baseLearner);
    const candidate = await scored(learner);
    const { passed, reason } = adaptation.verdict;
    const served = passed ? candidate : before;
    return {
      seed,
      frames: observation.frames,
      probes: observation.probes.length,
      tracks: new Set(observation.probes.map(({ trackId }) => trackId)).size,
      labelled: labels.filter((label) => label !== null).length / labels.length,
      purity: trackPurity(observation.probes, labels),
      triplets: tripletsOf(adaptation.crossFit),
      steps: stepsOf(adaptation.crossFit),
      passed,
      reason,
      before,
      candidate,
      served,
      errorCut: errorCut(before.accuracy, served.accuracy),
    };
  } finally {
    await Promise.all([extractor.dispose(), observation.dispose()]);
  }
}
