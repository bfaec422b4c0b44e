import { setTimeout as delay } from 'node:timers/promises';
import type { Frame, FrameSource } from '@saface/core';
import { readVideo } from '@saface/media';
import { demoLength, ensureScenarioVideo, type VideoRenderOptions } from './scenario-video.ts';
import type { ScenarioName } from './scenarios.ts';

export interface SimulatorSourceOptions {
  /** Folder of the rendered videos. */
  readonly dir: string;
  readonly scenario: ScenarioName;
  readonly seed: number;
  /** Start over at the end; `index` and `time` keep rising. Default false. */
  readonly loop?: boolean;
  /** Plays this leading share of the video, 0..1; the rest stays unseen. Default 1. */
  readonly share?: number;
  /** Whether frames come at the video's rate, as from a camera, or as fast as they are taken. Default `live`. */
  readonly pace?: 'live' | 'fast';
  readonly seconds?: number;
  readonly fps?: number;
  readonly onProgress?: VideoRenderOptions['onProgress'];
}

/**
 * A simulated camera: plays a rendered scene, rendering it first when the cache has none. Live frames carry the wall clock;
 * those whose time is past when they could be delivered are skipped, so that a slow consumer sees the present.
 */
export function createSimulatorSource(options: SimulatorSourceOptions): FrameSource {
  const { dir, scenario, seed, loop = false, share = 1, pace = 'live' } = options;
  const { seconds, fps } = {
    ...demoLength,
    ...(options.seconds !== undefined && { seconds: options.seconds }),
    ...(options.fps !== undefined && { fps: options.fps }),
  };
  return {
    name: `simulator:${scenario}`,
    async *frames(signal) {
      if (signal.aborted) return;
      const video = await ensureScenarioVideo(
        dir,
        { scenario, seed, seconds, fps },
        { signal, ...(options.onProgress && { onProgress: options.onProgress }) },
      ).catch((error: unknown) => {
        if (signal.aborted) return null;
        throw error;
      });
      if (video === null) return;
      const played = Math.max(1, Math.floor(video.frames * share));
      const started = Date.now();
      for (let round = 0; round === 0 || loop; round++) {
        for await (const frame of readVideo(video.video, { signal, maxFrames: played })) {
          const index = round * played + frame.index;
          const mediaTime = (index * 1000) / fps;
          if (pace === 'fast') {
            yield { ...frame, index, time: mediaTime };
            continue;
          }
          const due = started + mediaTime;
          const late = Date.now() - due;
          if (late > 2000 / fps) continue;
          if (late < 0) await pause(-late, signal);
          if (signal.aborted) return;
          yield { ...frame, index, time: due } satisfies Frame;
        }
        if (signal.aborted) return;
      }
    },
  };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
