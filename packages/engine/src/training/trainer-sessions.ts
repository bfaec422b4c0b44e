import { encodeModel, type OnnxModel } from '../onnx/model.ts';
import { channelBlock } from '../runtime/channel-blocks.ts';
import type { ProviderName } from '../runtime/providers.ts';
import { OrtSession, type SessionOptions } from '../runtime/session.ts';
import { gainsFromLargeBatches, isLargeBatch } from './batch-convolution.ts';
import { type Batches, blockChannels } from './block-channels.ts';

/**
 * The graphs of a trainer with their weights as inputs, each in the form that runs fastest where it will run. There are two forms of the
 * training step, for small and for large batches, where that makes a difference; each is opened when it is needed.
 */
export class TrainerSessions {
  readonly forward: OrtSession;
  readonly #step: OnnxModel;
  readonly #block: number | undefined;
  readonly #settings: SessionOptions;
  readonly #twoForms: boolean;
  readonly #steps = new Map<boolean, OrtSession>();

  private constructor(
    forward: OrtSession,
    step: OnnxModel,
    where: { block: number | undefined; settings: SessionOptions },
  ) {
    this.forward = forward;
    this.#step = step;
    this.#block = where.block;
    this.#settings = where.settings;
    this.#twoForms = where.block !== undefined && gainsFromLargeBatches(step.graph, where.block);
  }

  /** @param graphs whose batches are samples (`forward`) and triplets of samples (`step`) */
  static async open(
    graphs: { readonly forward: OnnxModel; readonly step: OnnxModel },
    settings: { readonly threads?: number; readonly provider?: ProviderName },
  ): Promise<TrainerSessions> {
    const block = (settings.provider ?? 'cpu') === 'cpu' ? await channelBlock() : undefined;
    const forward = await OrtSession.create(encode(graphs.forward, block), settings);
    return new TrainerSessions(forward, graphs.step, { block, settings });
  }

  /** The training step for a batch of so many samples. */
  async step(samples: number): Promise<OrtSession> {
    const large = this.#twoForms && isLargeBatch(samples, this.#block!);
    const open = this.#steps.get(large);
    if (open) return open;
    const session = await OrtSession.create(encode(this.#step, this.#block, { together: 3, large }), this.#settings);
    this.#steps.set(large, session);
    return session;
  }

  async dispose(): Promise<void> {
    for (const session of [this.forward, ...this.#steps.values()]) await session.dispose();
  }
}

function encode(graph: OnnxModel, block: number | undefined, batches?: Batches): Uint8Array {
  return encodeModel(block === undefined ? graph : blockChannels(graph, block, batches));
}
