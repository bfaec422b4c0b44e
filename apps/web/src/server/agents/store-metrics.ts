import type { MetricSample } from '@saface/core';
import { saveMetricSamples } from '@saface/db/repositories/metrics';
import type { ItemContext } from './push.ts';

/** Clocks that are kept in step differ by less. */
const LITTLE_AHEAD_MS = 5 * 60_000;

/** Samples of what is not this edge's are left out silently: a camera deleted a moment ago is no error. */
export async function storeMetrics({ tx, scope }: ItemContext, samples: readonly MetricSample[]): Promise<void> {
  const own = {
    edge: (id: string) => id === scope.edgeId,
    camera: (id: string) => scope.cameraIds.has(id),
    scenario: (id: string) => scope.scenarioIds.has(id),
  };
  // What a clock that is ahead calls tomorrow would stay the newest until then, and outlive its retention.
  const now = Date.now();
  await saveMetricSamples(
    tx,
    samples
      .filter((sample) => own[sample.scope](sample.scopeId))
      .map((sample) => (sample.time > now + LITTLE_AHEAD_MS ? { ...sample, time: now } : sample)),
  );
}
