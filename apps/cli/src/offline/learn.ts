import {
  type Adaptation,
  adaptLearner,
  type ConsistencyProgress,
  defaultAdaptOptions,
  type Enrolled,
  type Extractor,
  type FineTuneProgress,
  fineTuneOptionsFor,
  type LearningSet,
  partsOfRecording,
  type RecogniserSpec,
  type StoredProbe,
  TrackStore,
} from '@saface/core';
import { benchmarkFaces } from '@saface/engine';
import type { Observation } from './observe.ts';
import { openTrainer } from './recogniser.ts';

export interface LearnOptions {
  readonly spec: RecogniserSpec;
  readonly extractor: Extractor;
  readonly baseLearner: Uint8Array;
  /** What no version may forget; default: the base benchmark of faces. */
  readonly benchmark?: Enrolled;
  /** Only probes of frames before this one are learnt from. */
  readonly untilFrame: number;
  readonly signal: AbortSignal;
  readonly onConsistency?: (progress: ConsistencyProgress) => void;
  readonly onProgress: (progress: FineTuneProgress) => void;
}

/** Adapts the learner to the first part of a video, from its tracks alone; no label is within reach of this function. */
export async function learnFromObservation(
  observation: Observation,
  { spec, extractor, baseLearner, benchmark, untilFrame, signal, onConsistency, onProgress }: LearnOptions,
): Promise<{ adaptation: Adaptation; learner: Uint8Array }> {
  const set = tracksUntil(observation, untilFrame);
  const trainer = await openTrainer(baseLearner, spec);
  try {
    const adaptation = await adaptLearner({
      trainer,
      bank: observation.features,
      copies: observation.copies,
      set,
      options: fineTuneOptionsFor(spec.metric),
      adapt: { ...defaultAdaptOptions, ...partsOfRecording(set), metric: spec.metric },
      enrolled: null,
      benchmark: benchmark ?? (await benchmarkFaces(extractor, spec.alignment)),
      championThreshold: spec.defaultThreshold,
      signal,
      onConsistency,
      onProgress,
    });
    return { adaptation, learner: await trainer.export() };
  } finally {
    await trainer.dispose();
  }
}

/** Probes that are learnt from at most: hours of video hold more than can be gone through in the time they took. */
const MOST_PROBES = 10_000;

/** The tracks of a video as an edge would hold them: long ones thinned, the latest kept where there are too many. */
function tracksUntil({ probes }: Observation, untilFrame: number): LearningSet {
  const store = new TrackStore<number>({ maxProbes: MOST_PROBES });
  for (let row = 0; row < probes.length && probes[row].frame < untilFrame; ) {
    const { frame, time } = probes[row];
    const seen: StoredProbe<number>[] = [];
    for (; row < probes.length && probes[row].frame === frame; row++) seen.push({ ...probes[row], ref: row });
    store.addFrame({ stream: 'video', frame, time, probes: seen });
  }
  const { set, refs } = store.snapshot();
  return { ...set, probes: set.probes.map((probe) => ({ ...probe, row: refs[probe.row] })) };
}
