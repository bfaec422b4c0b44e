import type { RecognisedFrame } from '../recognition/recogniser.ts';
import { frame, probe } from './fake-camera.ts';
import { plainCrop, scenarioConfig } from './fixtures.ts';

export interface TwoPeople {
  readonly ids?: readonly number[];
  readonly quality?: number;
  /** Added to the camera's clock, milliseconds. */
  readonly ahead?: number;
  readonly change?: Partial<RecognisedFrame>;
}

/** Two people beside each other in frames `from..to`, the first recognised as Ann; for tests. */
export function* twoPeople(from: number, to: number, options: TwoPeople = {}): Generator<RecognisedFrame> {
  const { ids = [1, 2], quality = 0.8, ahead = 0, change } = options;
  for (let i = from; i < to; i++) {
    const probes = ids.map((id) => probe(id, { quality }));
    const message = { ...frame({ frameIndex: i, time: ahead + i * 100 }), probes, blobs: [] };
    const verdict = { decision: { kind: 'recognised', identityId: 'ann', distance: 0.1, runnerUp: null } };
    yield {
      cameraId: 'camera',
      scenario: scenarioConfig(),
      message,
      crops: ids.map((id) => ({ width: 8, height: 8, data: plainCrop(id) })),
      skew: 0,
      base: { extractor: { featureShape: [3] } },
      features: Float32Array.from(ids.flatMap((id) => [id, i, 0.5])),
      tracks: [{ verdict }, { verdict: null }],
      ...change,
    } as unknown as RecognisedFrame;
  }
}

/** Five couples one after another, each in view long enough: a fifth of them can judge what the others teach. */
export function* couples(options: Omit<TwoPeople, 'ids'> = {}): Generator<RecognisedFrame> {
  const frames = 30;
  for (let couple = 0; couple < 5; couple++)
    yield* twoPeople(couple * frames, (couple + 1) * frames, { ...options, ids: [2 * couple + 1, 2 * couple + 2] });
}
