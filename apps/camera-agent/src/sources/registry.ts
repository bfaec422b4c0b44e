import { resolve } from 'node:path';
import { type SourceConfig, withoutCredentials } from '@saface/core';
import { type ReadVideoOptions, readVideo } from '@saface/media';
import { demoLength, ensureScenarioVideo } from '@saface/simulator/scenario-video';
import type { OpenOptions, SourcePlan } from './source-plan.ts';

export interface SourceContext {
  /** Where rendered videos of the simulator are kept. */
  readonly simulatorDirectory: string;
  /** How long a network source may be silent before it is opened again, milliseconds. */
  readonly networkTimeout: number;
}

type Kind = SourceConfig['kind'];
type Registry = {
  readonly [K in Kind]: (config: Extract<SourceConfig, { kind: K }>, context: SourceContext) => SourcePlan;
};

/** Stop looking for stream parameters after this many microseconds of video: a live picture should start soon. */
const analyseLive = { analyzeduration: '1500000' };

const video = (source: string, fixed: Omit<ReadVideoOptions, 'signal' | 'wants'> = {}) => ({
  name: withoutCredentials(source),
  open: ({ signal, wants }: OpenOptions) => readVideo(source, { ...fixed, signal, wants }),
});

const network = ({ url }: { readonly url: string }, { networkTimeout }: SourceContext): SourcePlan => ({
  ...video(url, { timeoutMs: networkTimeout, options: analyseLive }),
  live: true,
  loop: false,
});

/** Renders its video when the folder has none yet; then it is played like a file. */
const simulator: Registry['simulator'] = ({ scenario, seed, loop, share, seconds }, { simulatorDirectory }) => ({
  name: `simulator:${scenario}`,
  live: false,
  loop,
  async *open({ signal, wants, onNotice }) {
    let told = -1;
    const rendered = await ensureScenarioVideo(
      simulatorDirectory,
      { scenario, seed, seconds, fps: demoLength.fps },
      {
        signal,
        onProgress({ done, total }) {
          const percent = Math.floor((100 * done) / total);
          if (done === total || (told >= 0 && percent < told + 5)) return;
          told = percent;
          onNotice?.(`The simulated video is being rendered, ${percent} % done`);
        },
      },
    );
    const played = Math.max(1, Math.floor(rendered.frames * share));
    for await (const frame of readVideo(rendered.video, { signal, wants })) {
      if (frame.index >= played) return;
      yield frame;
    }
  },
});

/** One entry per kind of SourceConfig; a kind without an entry does not compile. */
const registry: Registry = {
  file: ({ path, loop }) => ({ ...video(resolve(path)), live: false, loop }),
  rtsp: network,
  http: network,
  device: ({ path }) => ({ ...video(path), live: true, loop: false }),
  simulator,
};

/** What the configuration asks for, ready to be opened; nothing is opened yet. */
export function planSource<K extends Kind>(
  config: Extract<SourceConfig, { kind: K }> & { readonly kind: K },
  context: SourceContext,
): SourcePlan {
  const plan: (config: Extract<SourceConfig, { kind: K }>, context: SourceContext) => SourcePlan =
    registry[config.kind];
  return plan(config, context);
}
