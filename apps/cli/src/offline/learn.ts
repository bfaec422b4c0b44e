import {
  type Adaptation,
  adaptLearner,
  buildLearningSet,
  defaultAdaptOptions,
  type Extractor,
  type FineTuneProgress,
  fineTuneOptionsFor,
  partsOfRecording,
  type RecogniserSpec,
} from '@saface/core';
import { benchmarkFaces } from '@saface/engine';
import type { Observation } from './observe.ts';
import { openTrainer } from './recogniser.ts';

export interface LearnOptions {
  readonly spec: RecogniserSpec;
  readonly extractor: Extractor;
  readonly baseLearner: Uint8Array;
  /** Only probes of frames before this one are learnt from. */
  readonly untilFrame: number;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FineTuneProgress) => void;
}

/** Adapts the learner to the first part of a video, from its tracks alone; no label is within reach of this function. */
export async function learnFromObservation(
  observation: Observation,
  { spec, extractor, baseLearner, untilFrame, signal, onProgress }: LearnOptions,
): Promise<{ adaptation: Adaptation; learner: Uint8Array }> {
  const seen = observation.probes.filter(({ frame }) => frame < untilFrame);
  const set = buildLearningSet(
    seen.map(({ trackId, frame, time, quality, box }) => ({
      trackKey: String(trackId),
      frameKey: String(frame),
      frame,
      time,
      quality,
      box,
    })),
  );
  const trainer = await openTrainer(baseLearner, spec);
  try {
    const adaptation = await adaptLearner({
      trainer,
      bank: observation.features,
      set,
      options: fineTuneOptionsFor(spec.metric),
      adapt: { ...defaultAdaptOptions, ...partsOfRecording(set), metric: spec.metric },
      enrolled: null,
      benchmark: await benchmarkFaces(extractor, spec.alignment),
      championThreshold: spec.defaultThreshold,
      signal,
      onProgress,
    });
    return { adaptation, learner: await trainer.export() };
  } finally {
    await trainer.dispose();
  }
}
