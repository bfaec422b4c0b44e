import { createFrameSource } from '@saface/media';
import type { ScenarioName, ScenarioVideo } from '@saface/simulator';
import { z } from 'zod';
import { errorCut, type VerificationFigures, verify } from '../offline/evaluate.ts';
import { observe } from '../offline/observe.ts';
import { openLearner, openRecogniser } from '../offline/recogniser.ts';
import { labelFaces } from '../offline/score-detection.ts';
import { readTruth } from '../offline/truth.ts';
import { progressBar } from '../output.ts';
import type { Stack } from '../stack/stack.ts';
import type { ControlClient } from './control-client.ts';
import { LEARNING_SHARE } from './demo-world.ts';
import type { ScenarioOutcome } from './once.ts';
import { readLearner } from './seed.ts';

export interface ScenarioReport {
  readonly accuracyBefore: number;
  readonly accuracyAfter: number;
  readonly tar_at_far_1e2: { readonly before: number; readonly after: number };
  readonly errorCut: number;
  readonly genuinePairs: number;
  readonly impostorPairs: number;
  readonly triplets: number;
  readonly steps: number;
  readonly promoted: boolean;
  readonly verdict: string | null;
  readonly versions: readonly string[];
}

const evaluated = z.object({ id: z.string() });

/**
 * Measures base and champion of a scenario on the last sixth of its video, which no camera played, with the simulator's truth, and
 * records both in the control plane beside the versions.
 */
export async function measureScenario(
  scenario: ScenarioName,
  {
    video,
    outcome,
    client,
    stack,
  }: { video: ScenarioVideo; outcome: ScenarioOutcome; client: ControlClient; stack: Stack },
): Promise<ScenarioReport> {
  const { spec, extractor, baseLearner } = await openRecogniser();
  const bar = progressBar(`measuring ${scenario}`);
  const fromFrame = Math.round(video.frames * LEARNING_SHARE);
  const observation = await observe(lastPart(video, fromFrame), {
    spec,
    extractor,
    signal: new AbortController().signal,
    onFrame: (frames) => bar(frames / (video.frames - fromFrame)),
  });
  const labels = labelFaces(observation.probes, await readTruth(video.truth));
  const base = await openLearner(baseLearner);
  const before = await verify(observation, labels, { learner: base, spec, fromFrame });
  let after = before;
  if (outcome.championId !== outcome.baseVersionId) {
    const champion = await openLearner(await readLearner(stack, outcome.championId));
    after = await verify(observation, labels, { learner: champion, spec, fromFrame });
  }
  const record = (versionId: string, figures: VerificationFigures) =>
    client.mutate(
      'evaluations.record',
      {
        versionId,
        dataset: `${scenario}, last sixth`,
        source: 'simulator truth',
        accuracy: figures.accuracy,
        low: null,
        high: null,
        tarAtFar1e2: figures.tar_at_far_1e2,
        eer: null,
        genuine: figures.genuinePairs,
        impostor: figures.impostorPairs,
      },
      evaluated,
    );
  await record(outcome.baseVersionId, before);
  if (after !== before) await record(outcome.championId, after);
  await Promise.all([extractor.dispose(), observation.dispose()]);
  return {
    accuracyBefore: before.accuracy,
    accuracyAfter: after.accuracy,
    tar_at_far_1e2: { before: before.tar_at_far_1e2, after: after.tar_at_far_1e2 },
    errorCut: errorCut(before.accuracy, after.accuracy),
    genuinePairs: before.genuinePairs,
    impostorPairs: before.impostorPairs,
    triplets: outcome.triplets,
    steps: outcome.steps,
    promoted: outcome.promoted,
    verdict: outcome.verdict,
    versions: outcome.versions,
  };
}

function lastPart(video: ScenarioVideo, fromFrame: number): Parameters<typeof observe>[0] {
  const whole = createFrameSource(video.video);
  return {
    name: whole.name,
    async *frames(signal) {
      for await (const frame of whole.frames(signal)) if (frame.index >= fromFrame) yield frame;
    },
  };
}
