import type { EdgeConfig, EdgeScenario } from '@saface/core';
import type { CameraListener, CameraSession } from './ingest/camera-session.ts';
import type { Metrics } from './prometheus.ts';
import type { CameraStats } from './recognition/camera-stats.ts';
import type { LivePublisher } from './recognition/live-publisher.ts';
import type { Recogniser } from './recognition/recogniser.ts';
import type { Serving } from './recognition/serving.ts';
import type { LoadMeter } from './scheduling/load-meter.ts';

export interface CameraDeskOptions {
  readonly config: () => EdgeConfig | null;
  readonly serving: Serving;
  readonly recogniser: Recogniser;
  readonly stats: CameraStats;
  readonly load: LoadMeter;
  readonly live: LivePublisher;
  readonly metrics: Metrics;
}

/** What becomes of what cameras send: frames to recognition, previews with names to the control plane. */
export class CameraDesk implements CameraListener {
  readonly #options: CameraDeskOptions;
  /** Last word of cameras about their source, kept when they disconnect after the end of a file. */
  readonly #states = new Map<string, { state: 'ended' | 'failed'; error: string | null }>();

  /** Of the newest configuration; pictures come many times a second, people change now and then. */
  #names: { readonly of: EdgeConfig | null; readonly byId: ReadonlyMap<string, string> } = {
    of: null,
    byId: new Map(),
  };

  constructor(options: CameraDeskOptions) {
    this.#options = options;
  }

  /** False while nothing is served for the camera's scenario. */
  ready(cameraId: string): boolean {
    const scenario = this.#scenario(cameraId);
    return scenario !== null && this.#options.serving.current(scenario.id) !== null;
  }

  /** How a camera that is not connected ended, or null. */
  lastState(cameraId: string): { state: 'ended' | 'failed'; error: string | null } | null {
    return this.#states.get(cameraId) ?? null;
  }

  onFrame: CameraListener['onFrame'] = async (session, message, crops) => {
    const { stats, load, recogniser, metrics } = this.#options;
    const { cameraId, skew } = session;
    const scenario = this.#scenario(cameraId);
    if (!scenario) return;
    this.#states.delete(cameraId);
    stats.frame(cameraId, message);
    load.add(message.probes.length);
    metrics.frames.inc({ camera: cameraId });
    metrics.framesDropped.inc({ camera: cameraId }, message.counters.framesDropped);
    metrics.facesFound.inc({ camera: cameraId }, message.counters.facesFound);
    await recogniser.take({ cameraId, scenario, message, crops, skew });
    metrics.probes.inc({ camera: cameraId }, message.probes.length);
  };

  onPreview: CameraListener['onPreview'] = (session, message, jpeg) => {
    const { recogniser, live, stats, serving, config } = this.#options;
    const { cameraId } = session;
    const scenario = this.#scenario(cameraId);
    if (!scenario) return;
    const names = this.#namesOf(config());
    const frame = {
      cameraId,
      time: message.time,
      frameIndex: message.frameIndex,
      width: message.width,
      height: message.height,
      faces: recogniser.faces(cameraId, message.tracks, (id) => names.get(id) ?? id),
      latency: stats.lastLatency(cameraId),
      versionId: serving.current(scenario.id)?.versionId ?? null,
    };
    void live.publish(frame, jpeg);
  };

  onState: CameraListener['onState'] = (session, { state, error }) => {
    if (state === 'playing' || state === 'reconnecting') {
      this.#states.delete(session.cameraId);
      return;
    }
    this.#states.set(session.cameraId, { state, error });
    void this.#options.recogniser.endSource(session.cameraId);
  };

  // The camera may be back in a second with the same tracks; silence ends them, see Recogniser.sweep.
  onClosed: CameraListener['onClosed'] = (_session: CameraSession) => undefined;

  #namesOf(config: EdgeConfig | null): ReadonlyMap<string, string> {
    if (this.#names.of !== config)
      this.#names = { of: config, byId: new Map(config?.identities.map(({ id, name }) => [id, name])) };
    return this.#names.byId;
  }

  #scenario(cameraId: string): EdgeScenario | null {
    const config = this.#options.config();
    const camera = config?.cameras.find(({ id }) => id === cameraId);
    return config?.scenarios.find(({ id }) => id === camera?.scenarioId) ?? null;
  }
}
