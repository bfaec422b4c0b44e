import { randomUUID } from 'node:crypto';
import type { MetricSample, OutboxItem } from '@saface/core';
import type { ScenarioCounts } from '../learning/learning-port.ts';
import type { CameraInterval } from '../recognition/camera-stats.ts';
import type { SchedulerState } from './scheduler.ts';

export interface SampleInput {
  readonly edgeId: string;
  /** Unix epoch ms. */
  readonly time: number;
  /** Seconds since the last sample. */
  readonly seconds: number;
  readonly cameras: ReadonlyMap<string, CameraInterval>;
  readonly scheduler: SchedulerState;
  readonly trainingSteps: number;
  readonly queueDepth: number;
  /** CPU seconds of the process since the last sample. */
  readonly cpuSeconds: number;
  readonly memory: number;
  readonly scenarios: ReadonlyMap<string, ScenarioCounts>;
}

/** One second of an edge as samples. What is unknown is left out: a gap is not a zero. */
export function samplesOf(input: SampleInput): MetricSample[] {
  const { time, seconds, scheduler } = input;
  let probes = 0;
  const cameras = [...input.cameras].map(([scopeId, camera]): MetricSample => {
    probes += camera.probes;
    return {
      time,
      scope: 'camera',
      scopeId,
      values: {
        framesPerSecond: camera.frames / seconds,
        framesDropped: camera.framesDropped,
        facesFound: camera.facesFound,
        facesSent: camera.facesSent,
        probesPerSecond: camera.probes / seconds,
        ...(camera.latency !== null && { latency: camera.latency }),
      },
    };
  });
  const edge: MetricSample = {
    time,
    scope: 'edge',
    scopeId: input.edgeId,
    values: {
      probesPerSecond: probes / seconds,
      batch: scheduler.batchSize / scheduler.intervals,
      alpha: scheduler.alpha,
      trainingSteps: input.trainingSteps,
      queueDepth: input.queueDepth,
      cpu: input.cpuSeconds / seconds,
      memory: input.memory,
      ...(scheduler.utilisation !== null && { load: scheduler.utilisation }),
      ...(scheduler.nE !== null && { nE: scheduler.nE }),
      ...(scheduler.bMax !== null && { bMax: scheduler.bMax }),
    },
  };
  const scenarios = [...input.scenarios].map(
    ([scopeId, counts]): MetricSample => ({ time, scope: 'scenario', scopeId, values: { ...counts } }),
  );
  return [edge, ...cameras, ...scenarios];
}

export function metricsItem(samples: readonly MetricSample[]): OutboxItem {
  return { id: randomUUID(), kind: 'metrics', payload: samples.slice(0, 1000) };
}
