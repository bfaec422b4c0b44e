import { hostname } from 'node:os';
import { type AgentClient, Backoff, type HealthServer, type Logger } from '@saface/agent-kit';
import { defaultSchedulingPolicy, describeError, type EdgeConfig, type EdgeReported } from '@saface/core';
import { decodeImage, defaultDecodeLimits, encodeJpeg } from '@saface/engine/faces/image';
import { CameraDesk } from './camera-desk.ts';
import { ArtifactStore } from './control/artifacts.ts';
import { ConfigApplier } from './control/config-applier.ts';
import { ConfigLoop } from './control/config-loop.ts';
import { Handover } from './control/handover.ts';
import { Outbox } from './control/outbox.ts';
import { hashesIn, redisOutboxStore, storeAfter } from './control/outbox-store.ts';
import type { Problems } from './control/problems.ts';
import { connectRedis, waitForRedis } from './control/redis.ts';
import type { Vault } from './control/vault.ts';
import type { EdgeEnv } from './env.ts';
import { IngestServer } from './ingest/ingest-server.ts';
import type { LearningPort } from './learning/learning-port.ts';
import type { Metrics } from './prometheus.ts';
import { CameraStats } from './recognition/camera-stats.ts';
import { redisEventJournal } from './recognition/event-journal.ts';
import { EventWriter } from './recognition/event-writer.ts';
import { LivePublisher } from './recognition/live-publisher.ts';
import type { ModelLoader } from './recognition/models.ts';
import { cropsOf } from './recognition/people.ts';
import { Recogniser } from './recognition/recogniser.ts';
import { Serving, versionsOf } from './recognition/serving.ts';
import { LoadMeter } from './scheduling/load-meter.ts';
import { Scheduler } from './scheduling/scheduler.ts';
import { startTicker } from './scheduling/ticker.ts';

export interface EdgeParts {
  readonly env: EdgeEnv;
  readonly agentId: string;
  readonly client: AgentClient;
  readonly vault: Vault;
  readonly health: HealthServer;
  readonly metrics: Metrics;
  readonly problems: Problems;
  readonly loader: ModelLoader;
  readonly log: Logger;
  readonly startLearning: (parts: LearningParts) => LearningPort;
  readonly onUnauthenticated: () => Promise<void>;
}

/** What learning gets from the rest of the edge. */
export interface LearningParts {
  readonly env: EdgeEnv;
  readonly agentId: string;
  readonly vault: Vault;
  readonly log: Logger;
  readonly problems: Problems;
  readonly outbox: Outbox;
  readonly artifacts: ArtifactStore;
  readonly serving: Serving;
  readonly scheduler: Scheduler;
}

export interface RunningEdge {
  /** Serves something, or has nothing to serve yet. */
  ready(): boolean;
  stop(): Promise<void>;
}

/** Puts the edge together; returns when it takes cameras (with the last good configuration, if the control plane is away). */
export async function startEdge(parts: EdgeParts): Promise<RunningEdge> {
  const { env, agentId, client, vault, health, metrics, problems, loader, log } = parts;
  const { dir } = env;
  const redis = connectRedis(env.redisUrl, log);
  const handover = new Handover({ redis, vault, agentId, dir, log });
  const artifacts = new ArtifactStore({ client, vault, dir, log, problems });
  const store = storeAfter(() => handover.done(), redisOutboxStore(redis, vault, agentId));
  const outbox = new Outbox({
    client,
    store,
    log,
    problems,
    backoff: new Backoff({ longest: 15_000 }),
    beforePush: async (item) => {
      if (item.kind === 'version') await artifacts.upload(item.payload.learner.sha256);
    },
    afterPush: async (item) => {
      if (item.kind === 'version') await artifacts.delivered(item.payload.learner.sha256);
    },
  });
  const events = new EventWriter({
    add: (item) => outbox.add(item),
    journal: redisEventJournal(redis, vault, agentId),
    encodeJpeg: (crop) => encodeJpeg(crop, { quality: 85 }),
    crowded: () => outbox.crowded,
    onDecision: ({ decision }) => metrics.decisions.inc({ decision }),
  });
  const load = new LoadMeter();
  const scheduler = new Scheduler(() => applier.config?.policy ?? defaultSchedulingPolicy, load);
  const stats = new CameraStats();

  const serving = new Serving({
    loader,
    artifact: (ref) => artifacts.get(ref),
    // Crops were made by an enrolment, however small the model wants them.
    decodeCrop: (bytes, name) => decodeImage(bytes, name, { ...defaultDecodeLimits, minSide: 1 }),
    log,
    problems,
    whileIdle: (action) => recogniser.batcher.exclusive(action),
    onSwap: () => loop.kick(),
  });
  const learning = parts.startLearning({ env, agentId, vault, log, problems, outbox, artifacts, serving, scheduler });
  const recogniser: Recogniser = new Recogniser({
    serving: (scenarioId) => serving.current(scenarioId),
    report: (origin, track, ended) => events.report(origin, track, ended),
    onFrame: (frame) => learning.observe(frame),
    onTracksEnd: (origin, tracks) => learning.tracksEnded(origin, tracks),
    onStreamEnd: (origin) => learning.streamEnded(origin),
    onLatency: (cameraId, milliseconds) => {
      stats.latency(cameraId, milliseconds);
      metrics.latency.observe({ camera: cameraId }, Math.max(0, milliseconds) / 1000);
    },
    onCameraProblem: (cameraId, message) =>
      message === null ? problems.clear(`camera:${cameraId}`) : problems.set(`camera:${cameraId}`, message),
  });
  const live = new LivePublisher(client, log);
  const desk = new CameraDesk({ config: () => applier.config, serving, recogniser, stats, load, live, metrics });
  const ingest = new IngestServer({
    http: health.http,
    listener: desk,
    log,
    cameras: () => applier.config?.cameras ?? null,
    ready: (cameraId) => desk.ready(cameraId),
  });
  const applier: ConfigApplier = new ConfigApplier({
    announce: (config) => {
      ingest.retain(config.cameras);
      serving.withdraw(config);
      learning.configure(config);
    },
    tidy: async (config) => {
      await artifacts.prune(artifactsOf(config)).catch((error: unknown) => {
        log.warn({ error: describeError(error) }, 'old artifacts could not be deleted');
      });
    },
    reconcile: (config) => serving.reconcile(config),
    onApplied: () => loop.kick(),
    backoff: new Backoff({ first: 1000, longest: 30_000 }),
    log,
  });
  const loop: ConfigLoop = new ConfigLoop({
    client,
    vault,
    dir,
    log,
    problems,
    backoff: new Backoff({ longest: 5000 }),
    report: () => reported({ env, port: health.port, applier, serving, scheduler, problems, ingest, desk, outbox }),
    onConfig: (config, revision) => applier.offer(config, revision),
    onPreview: (cameraIds) => ingest.watch(cameraIds),
    onCommand: (command) => learning.obey(command),
    onBack: () => outbox.kick(),
    onUnauthenticated: parts.onUnauthenticated,
  });

  await waitForRedis(redis, 2000);
  // Where Redis is away the outbox says so, and comes back to it.
  await handover.done().catch(() => undefined);
  await artifacts
    .tidyUploads((hashes) => hashesIn(store, hashes))
    .catch((error: unknown) => {
      log.warn({ error: describeError(error) }, 'what no waiting version needs was not looked for');
    });
  await events.recover();
  outbox.start();
  const lastGood = await loop.loadLastGood();
  if (lastGood) applier.offer(lastGood.config, lastGood.revision);
  loop.start();
  const ticker = startTicker({
    edgeId: () => applier.config?.edgeId ?? null,
    outbox,
    stats,
    scheduler,
    learning,
    recogniser,
    events,
    serving,
    metrics,
    log,
    problems,
    connectedCameras: () => ingest.sessions().length,
  });

  return {
    ready: () => applier.config !== null && (applier.config.scenarios.length === 0 || serving.list().length > 0),
    async stop() {
      ticker.stop();
      await ingest.close();
      await Promise.all([loop.stop(), applier.stop(), learning.stop()]);
      await outbox.stop();
      redis.disconnect();
    },
  };
}

interface ReportParts {
  readonly env: EdgeEnv;
  readonly port: number;
  readonly applier: ConfigApplier;
  readonly serving: Serving;
  readonly scheduler: Scheduler;
  readonly problems: Problems;
  readonly ingest: IngestServer;
  readonly desk: CameraDesk;
  readonly outbox: Outbox;
}

function reported(parts: ReportParts): EdgeReported {
  const { env, port, applier, serving, scheduler, problems, ingest, desk, outbox } = parts;
  const { nE, bMax } = scheduler.decide();
  return {
    revision: applier.revision,
    clock: Date.now(),
    ingestUrl: env.publicIngestUrl ?? `ws://${hostname()}:${port}/ingest`,
    serving: serving.list().map(({ scenarioId, versionId }) => ({ scenarioId, versionId })),
    measured: nE !== null && bMax !== null ? { nE, bMax } : null,
    cameras: (applier.config?.cameras ?? []).map(({ id }) => {
      const session = ingest.session(id);
      if (session) return { cameraId: id, state: session.state, error: session.error };
      const last = desk.lastState(id);
      return { cameraId: id, state: last?.state ?? ('offline' as const), error: last?.error ?? null };
    }),
    problems: problems.list(),
    outboxDepth: outbox.depth,
  };
}

function artifactsOf(config: EdgeConfig): Set<string> {
  return new Set([
    ...config.baseModels.map((base) => base.recogniserArtifact.sha256),
    ...config.scenarios.flatMap(versionsOf).flatMap((version) => version.learner?.sha256 ?? []),
    ...cropsOf(config),
  ]);
}
