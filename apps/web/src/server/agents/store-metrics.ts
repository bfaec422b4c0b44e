import type { MetricSample } from '@saface/core';
import { saveMetricSamples } from '@saface/db/repositories/metrics';
import type { ItemContext } from './push.ts';

/** Samples of what is not this edge's are left out silently: a camera deleted a moment ago is no error. */
export async function storeMetrics({ tx, scope }: ItemContext, samples: readonly MetricSample[]): Promise<void> {
  const own = {
    edge: (id: string) => id === scope.edgeId,
    camera: (id: string) => scope.cameraIds.has(id),
    scenario: (id: string) => scope.scenarioIds.has(id),
  };
  await saveMetricSamples(
    tx,
    samples.filter((sample) => own[sample.scope](sample.scopeId)),
  );
}
