import type { Logger } from '@saface/agent-kit';
import { describeError } from '@saface/core';
import type { Outbox } from '../control/outbox.ts';
import type { Problems } from '../control/problems.ts';
import type { LearningPort } from '../learning/learning-port.ts';
import type { Metrics } from '../prometheus.ts';
import type { CameraStats } from '../recognition/camera-stats.ts';
import type { EventWriter } from '../recognition/event-writer.ts';
import type { Recogniser } from '../recognition/recogniser.ts';
import type { Serving } from '../recognition/serving.ts';
import type { ServedBase } from '../recognition/templates.ts';
import { measureProbeRate } from './calibrate.ts';
import { metricsItem, samplesOf } from './metrics-sampler.ts';
import type { Scheduler } from './scheduler.ts';

export interface TickerParts {
  /** Of the edge in the configuration; null before there is one. */
  readonly edgeId: () => string | null;
  readonly outbox: Outbox;
  readonly stats: CameraStats;
  readonly scheduler: Scheduler;
  readonly learning: LearningPort;
  readonly recogniser: Recogniser;
  readonly events: EventWriter;
  readonly serving: Serving;
  readonly metrics: Metrics;
  readonly problems: Problems;
  readonly log: Logger;
  readonly connectedCameras: () => number;
}

const PERIOD = 1000;
/** Open events of a predecessor whose camera has not come back by then are over. */
const STALE = 60_000;
/** An idle edge measures itself again after this long: machines change with temperature and company. */
const RECALIBRATE = 10 * 60_000;
/** The first measurement falls into the start of everything else; these many more, so far apart, find what the machine can do. */
const MORE = { times: 5, apart: 10_000 } as const;

/** What the edge does once a second: samples, silence of cameras, calibration. */
export function startTicker(parts: TickerParts): { stop(): void } {
  let last = { time: performance.now(), cpu: process.cpuUsage() };
  const calibration = createCalibration(parts);

  const tick = async (): Promise<void> => {
    const now = performance.now();
    const cpu = process.cpuUsage(last.cpu);
    const seconds = Math.max(0.001, (now - last.time) / 1000);
    last = { time: now, cpu: process.cpuUsage() };
    const { metrics, scheduler, recogniser, outbox, problems, events } = parts;
    const state = scheduler.decide();
    const trainingSteps = parts.learning.takeSteps();
    metrics.cameras.set(parts.connectedCameras());
    metrics.queueDepth.set(recogniser.batcher.depth);
    metrics.outboxDepth.set(outbox.depth);
    metrics.load.set(state.utilisation ?? 0);
    metrics.batch.set(state.batchSize);
    metrics.trainingSteps.inc(trainingSteps);
    metrics.problems.set(problems.list().length);
    const edgeId = parts.edgeId();
    const samples = samplesOf({
      edgeId: edgeId ?? '',
      time: Date.now(),
      seconds,
      cameras: parts.stats.take(),
      scheduler: state,
      trainingSteps,
      queueDepth: recogniser.batcher.depth,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      memory: process.memoryUsage.rss(),
      scenarios: parts.learning.counts(),
    });
    if (edgeId !== null) await outbox.add(metricsItem(samples));
    await recogniser.sweep();
    await events.closeStale(Date.now() - STALE, (event) => recogniser.follows(event.cameraId, event.sessionId));
    await calibration(state.load);
  };

  let running = false;
  const timer = setInterval(() => {
    // A tick that takes longer than its second (a Redis that hangs) is not overtaken by the next.
    if (running) return;
    running = true;
    tick()
      .catch((error: unknown) => parts.log.error({ error: describeError(error) }, 'the periodic work failed'))
      .finally(() => {
        running = false;
      });
  }, PERIOD);
  return { stop: () => clearInterval(timer) };
}

/**
 * N_E is measured when a base model is first served or its gallery has grown much, and a few times more, of which the best counts, and
 * again now and then while nobody is in view. Measured only once, a machine that was busy starting would seem so slow that Eq. 2 left
 * nothing for training.
 */
function createCalibration({ serving, recogniser, scheduler, log }: TickerParts) {
  let measured: { base: ServedBase; templates: number; at: number; times: number; best: number } | null = null;
  return async (load: number): Promise<void> => {
    const set = serving.heaviest();
    if (!set) return;
    const now = performance.now();
    const { templateCount: templates } = set.gallery;
    const isSame = measured?.base.config.id === set.base.config.id && templates <= 2 * measured.templates + 100;
    const known = isSame ? measured : null;
    const age = known ? now - known.at : 0;
    const again = known !== null && known.times <= MORE.times && age > MORE.apart;
    const isOld = age > RECALIBRATE && load === 0 && recogniser.batcher.idle;
    if (known && !again && !isOld) return;
    await recogniser.batcher.exclusive(async () => {
      const { base, learner, gallery } = set;
      const rate = await measureProbeRate({ extractor: base.extractor, learner, gallery });
      const best = again ? Math.max(rate, known.best) : rate;
      measured = {
        base,
        templates: again ? known.templates : templates,
        at: performance.now(),
        times: again ? known.times + 1 : 1,
        best,
      };
      scheduler.calibrate({ probesPerSecond: best });
      if (best === rate) log.info({ probesPerSecond: Math.round(rate) }, 'measured N_E');
    });
  };
}
