import { encodeModel, type OnnxModel } from '../onnx/model.ts';
import { channelBlock } from '../runtime/channel-blocks.ts';
import type { ProviderName } from '../runtime/providers.ts';
import { OrtSession, type SessionOptions } from '../runtime/session.ts';
import { isLargeBatch } from './batch-convolution.ts';
import { blockChannels } from './block-channels.ts';

/** The training step as files for batches of either size; the same one where the size makes no difference. */
interface Forms {
  readonly small: Uint8Array;
  readonly large: Uint8Array;
  /** Samples from which on a batch is large. */
  isLarge(samples: number): boolean;
}

/** The graphs of a trainer with their weights as inputs, each in the form that runs fastest where it will run. */
export class TrainerSessions {
  readonly forward: OrtSession;
  readonly #forms: Forms;
  readonly #approach: () => Uint8Array;
  readonly #settings: SessionOptions;
  readonly #steps = new Map<Uint8Array, Promise<OrtSession>>();
  #approaching: Promise<OrtSession> | null = null;

  private constructor(
    forward: OrtSession,
    { forms, approach }: { readonly forms: Forms; readonly approach: () => Uint8Array },
    settings: SessionOptions,
  ) {
    this.forward = forward;
    this.#forms = forms;
    this.#approach = approach;
    this.#settings = settings;
  }

  /**
   * Opens all but a second form of the training step, and what brings embeddings nearer to given places: many a trainer never needs them.
   * @param graphs whose batches are samples (`forward`, `approach`) and triplets of samples (`step`)
   */
  static async open(
    graphs: { readonly forward: OnnxModel; readonly step: OnnxModel; readonly approach: () => OnnxModel },
    settings: { readonly threads?: number; readonly provider?: ProviderName },
  ): Promise<TrainerSessions> {
    const block = (settings.provider ?? 'cpu') === 'cpu' ? await channelBlock() : undefined;
    const forward = encodeModel(block === undefined ? graphs.forward : blockChannels(graphs.forward, block));
    const sessions = new TrainerSessions(
      await OrtSession.create(forward, settings),
      {
        forms: formsOf(graphs.step, block),
        approach: () => {
          const plain = graphs.approach();
          return encodeModel(block === undefined ? plain : blockChannels(plain, block, { large: true }));
        },
      },
      settings,
    );
    await sessions.#open(sessions.#forms.large);
    return sessions;
  }

  /** The training step for a batch of so many samples. */
  step(samples: number): Promise<OrtSession> {
    const { small, large, isLarge } = this.#forms;
    return this.#open(isLarge(samples) ? large : small);
  }

  /** Made when it is first asked for. */
  approach(): Promise<OrtSession> {
    this.#approaching ??= OrtSession.create(this.#approach(), this.#settings);
    return this.#approaching;
  }

  async dispose(): Promise<void> {
    await this.forward.dispose();
    // One that could not be opened has told whoever asked for it.
    for (const opened of await Promise.allSettled([...this.#steps.values(), this.#approaching]))
      if (opened.status === 'fulfilled') await opened.value?.dispose();
  }

  #open(form: Uint8Array): Promise<OrtSession> {
    const session = this.#steps.get(form) ?? OrtSession.create(form, this.#settings);
    this.#steps.set(form, session);
    return session;
  }
}

function formsOf(step: OnnxModel, block: number | undefined): Forms {
  if (block === undefined) {
    const plain = encodeModel(step);
    return { small: plain, large: plain, isLarge: () => true };
  }
  const form = (large: boolean) => encodeModel(blockChannels(step, block, { together: 3, large }));
  const [small, large] = [form(false), form(true)];
  return {
    small: Buffer.compare(small, large) === 0 ? large : small,
    large,
    isLarge: (samples) => isLargeBatch(samples, block),
  };
}
