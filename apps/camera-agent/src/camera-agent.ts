import { randomUUID } from 'node:crypto';
import type { ArtifactCache, Logger } from '@saface/agent-kit';
import { type CameraConfig, type CameraReported, describeError } from '@saface/core';
import type { Configurable } from './control/control-loop.ts';
import { FrameSampler } from './pipeline/frame-sampler.ts';
import { Funnel, type FunnelCounters } from './pipeline/funnel.ts';
import type { ProbeFinder, ProbeFinderSettings } from './pipeline/probe-finder.ts';
import { runPipeline } from './pipeline/run-pipeline.ts';
import { planSource, type SourceContext } from './sources/registry.ts';
import { superviseSource } from './sources/supervise.ts';
import { EdgeLink } from './uplink/edge-link.ts';

export interface CameraAgentOptions {
  readonly artifacts: Pick<ArtifactCache, 'fetch' | 'keepOnly'>;
  readonly createFinder: (settings: ProbeFinderSettings) => Promise<ProbeFinder>;
  readonly sources: SourceContext;
  readonly threads: number;
  readonly logger: Logger;
}

export type CameraStats = FunnelCounters & {
  readonly state: CameraReported['state'];
  readonly link: { connected: boolean; frames: number; bytes: number; dropped: number } | null;
};

/** A part of the agent and the settings it was built from; it is rebuilt when they are others. */
interface Part<T> {
  readonly builtFrom: string;
  readonly value: T;
}

interface Run {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * One camera: source, pipeline and link, rebuilt part by part as the configuration changes. `apply` is never called twice at a time.
 */
export class CameraAgent implements Configurable {
  readonly #options: CameraAgentOptions;
  readonly #funnel = new Funnel();
  readonly #sampler = new FrameSampler(1);
  #link: Part<EdgeLink> | null = null;
  #finder: Part<ProbeFinder> | null = null;
  #run: Part<Run> | null = null;
  #cropSize = 1;
  #source: Pick<CameraReported, 'state' | 'error'> = { state: 'offline', error: 'No configuration yet' };
  /** Why the last `apply` failed or the pipeline stopped. */
  #problem: string | null = null;
  #broken = false;

  constructor(options: CameraAgentOptions) {
    this.#options = options;
  }

  get broken(): boolean {
    return this.#broken;
  }

  get reported(): Pick<CameraReported, 'state' | 'error'> {
    if (this.#problem !== null) return { state: 'failed', error: this.#problem.slice(0, 1000) };
    const error = this.#source.error ?? this.#link?.value.problem ?? null;
    return { state: this.#source.state, error: error?.slice(0, 1000) ?? null };
  }

  get stats(): CameraStats {
    const link = this.#link?.value;
    return {
      ...this.#funnel.total,
      state: this.reported.state,
      link: link ? { connected: link.connected, ...link.buffered } : null,
    };
  }

  async apply(config: CameraConfig, signal: AbortSignal): Promise<void> {
    try {
      await this.#linkTo(config);
      if (config.edge === null) {
        await this.#stopRun();
        this.#source = {
          state: 'offline',
          error: 'No edge takes the probes of this camera yet — start its edge, or assign it to another in Fleet',
        };
      } else {
        await this.#buildFinder(config, signal);
        this.#sampler.rate = config.sampleRate;
        await this.#startRun(config);
      }
      this.#broken = false;
      this.#problem = null;
    } catch (error) {
      this.#problem = describeError(error);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#stopRun();
    await Promise.all([this.#link?.value.close(), this.#finder?.value.dispose()]);
  }

  async #linkTo({ edge, cameraId }: CameraConfig): Promise<void> {
    const builtFrom = JSON.stringify([edge, cameraId]);
    if (this.#link?.builtFrom === builtFrom || (edge === null && this.#link === null)) return;
    const old = this.#link;
    // The new edge knows nothing of the tracks that the old one saw: the run starts over with the link.
    await this.#stopRun();
    this.#link = edge && {
      builtFrom,
      value: new EdgeLink({ ...edge, cameraId, logger: this.#options.logger }, randomUUID()),
    };
    await old?.value.close();
  }

  async #buildFinder(config: CameraConfig, signal: AbortSignal): Promise<void> {
    const { detectorArtifact, landmarksArtifact, minFaceSize, detectorThreshold, alignment } = config;
    const settings = { minFaceSize, detectorThreshold, alignment, tracker: trackerOptions(config.sampleRate) };
    const builtFrom = JSON.stringify([detectorArtifact, landmarksArtifact, settings]);
    if (this.#finder?.builtFrom === builtFrom && !this.#broken) return;
    const { artifacts, createFinder, threads } = this.#options;
    const [detector, landmarks] = await Promise.all([
      artifacts.fetch(detectorArtifact, signal),
      artifacts.fetch(landmarksArtifact, signal),
    ]);
    const value = await createFinder({ ...settings, detector, landmarks, threads });
    const old = this.#finder;
    this.#finder = { builtFrom, value };
    this.#cropSize = alignment.size;
    await old?.value.dispose();
    await artifacts.keepOnly([detectorArtifact.sha256, landmarksArtifact.sha256]);
  }

  async #startRun(config: CameraConfig): Promise<void> {
    const builtFrom = JSON.stringify([config.source, config.unpaced]);
    if (this.#run?.builtFrom === builtFrom && !this.#broken) return;
    await this.#stopRun();
    const link = this.#link!.value;
    const { logger, sources } = this.#options;
    const report = (state: 'playing' | 'reconnecting' | 'ended' | 'failed', error: string | null) => {
      this.#source = { state, error };
      logger[state === 'playing' || state === 'ended' ? 'info' : 'warn']({ state }, error ?? `source ${state}`);
      if (state !== 'ended') link.sendState(state, error);
    };
    const plan = planSource(config.source, sources);
    const abort = new AbortController();
    const frames = superviseSource(plan, {
      signal: abort.signal,
      paced: !config.unpaced,
      sampler: this.#sampler,
      onState: report,
      onNotice: (notice) => {
        this.#source = { ...this.#source, error: notice };
        logger.info(notice);
      },
    });
    logger.info({ source: plan.name }, 'source starts');
    this.#source = { state: 'reconnecting', error: null };
    const done = runPipeline({
      frames,
      finder: () => this.#finder!.value,
      sink: () => link,
      lossless: config.unpaced && !plan.live,
      cropSize: () => this.#cropSize,
      funnel: this.#funnel,
      signal: abort.signal,
    }).then(
      () => {
        // Told only now: every probe of the source stands before it in the link.
        if (!abort.signal.aborted && this.#source.state === 'ended') link.sendState('ended', null);
      },
      (error: unknown) => {
        if (abort.signal.aborted) return;
        this.#broken = true;
        this.#problem = `Face detection stopped: ${describeError(error)}`;
        logger.error({ err: error }, this.#problem);
        abort.abort();
      },
    );
    this.#run = { builtFrom, value: { abort, done } };
  }

  async #stopRun(): Promise<void> {
    const run = this.#run;
    this.#run = null;
    run?.value.abort.abort();
    await run?.value.done;
  }
}

/** Gaps are counted in frames of the source: at a low R_C regular sampling alone must not end the tracks. */
const trackerOptions = (sampleRate: number) => ({ maxFrameGap: Math.max(30, Math.ceil(120 / sampleRate)) });
