import { readFile } from 'node:fs/promises';
import { describeError, SafaceError } from '@saface/core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { executionProviders, type ProviderName, providerNeeds } from './providers.ts';
import { physicalCores } from './threads.ts';

export interface SessionOptions {
  /** Threads for one operator; default: physical cores. */
  readonly threads?: number;
  /** Default 'cpu'. */
  readonly provider?: ProviderName;
  /** Further ONNX Runtime settings, for profiling and tests. */
  readonly extra?: InferenceSession.SessionOptions;
}

export interface SessionValue {
  readonly name: string;
  readonly type: string;
  /** Strings are symbolic dimensions. */
  readonly shape: readonly (number | string)[];
}

let spinning = false;

/**
 * Whether threads wait for their next operator spinning, in sessions opened from now on. Where this process has the machine to itself a call
 * is faster; beside other processes the spinning takes three times the CPU and starves them, so it is off by default. Either way it ends
 * with the call: threads of one session that spin on slow the next session down (decision 018).
 */
export function spinThreads(on: boolean): void {
  spinning = on;
}

/** What `spinThreads` said last; a process that computes for this one is told. */
export function threadsSpin(): boolean {
  return spinning;
}

export type Tensors = Readonly<Record<string, Tensor>>;
export type Fetches = readonly string[] | Readonly<Record<string, Tensor | null>>;

/**
 * A loaded ONNX model. Calls to `run` on one session are made one after another, and each BLOCKS the
 * event loop of this process until it is done (so does onnxruntime-node itself): give long runs a process of their own.
 */
export class OrtSession {
  readonly inputs: readonly SessionValue[];
  readonly outputs: readonly SessionValue[];
  readonly #session: InferenceSession;
  #disposed = false;

  private constructor(session: InferenceSession) {
    this.#session = session;
    this.inputs = session.inputMetadata.map(describeValue);
    this.outputs = session.outputMetadata.map(describeValue);
  }

  /**
   * @param model file contents, or the path of a file
   * @throws SafaceError 'not-found' (path), 'integrity' (not an ONNX model), 'unsupported' (operator, provider)
   */
  static async create(model: Uint8Array | string, options: SessionOptions = {}): Promise<OrtSession> {
    const provider = options.provider ?? 'cpu';
    const bytes = typeof model === 'string' ? await readModel(model) : model;
    if (bytes.length === 0)
      throw new SafaceError('integrity', 'The ONNX model is empty', 'Copy or export the model again.');
    try {
      const session = await InferenceSession.create(bytes, {
        intraOpNumThreads: options.threads ?? physicalCores(),
        interOpNumThreads: 1,
        logSeverityLevel: 3,
        extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' }, force_spinning_stop: '1' } },
        ...options.extra,
        executionProviders: executionProviders(provider),
      });
      return new OrtSession(session);
    } catch (error) {
      throw creationError(error, provider);
    }
  }

  /**
   * @param fetches names of the outputs wanted (default: all), or tensors by name for ONNX Runtime to write into; null = make one
   * @throws SafaceError 'invalid-input' when feeds do not fit the model
   */
  async run(feeds: Tensors, fetches?: Fetches): Promise<Tensors> {
    if (this.#disposed)
      throw new SafaceError('internal', 'The model is used after it was closed', 'Report this as a defect.');
    try {
      return await (fetches ? this.#session.run(feeds, fetches) : this.#session.run(feeds));
    } catch (cause) {
      const remedy = `Inputs are ${this.inputs.map((input) => `${input.name} [${input.shape.join(', ')}]`).join('; ')}.`;
      throw new SafaceError('invalid-input', `ONNX Runtime refused to run the model: ${describeError(cause)}`, remedy, {
        cause,
      });
    }
  }

  /** Writes the profile that `extra.enableProfiling` asked for. */
  endProfiling(): void {
    this.#session.endProfiling();
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#session.release();
  }
}

/** A float32 tensor over `data`, which is not copied. */
export function floatTensor(data: Float32Array, dims: readonly number[]): Tensor {
  return new Tensor('float32', data, dims);
}

/** The float32 contents of a tensor in main memory. */
export function floatData(tensor: Tensor | undefined, name: string): Float32Array {
  const data = tensor?.data;
  if (data instanceof Float32Array) return data;
  throw new SafaceError(
    'unsupported',
    `The model's output "${name}" is not float32`,
    'Export the model with a float32 output of that name.',
  );
}

function describeValue(value: InferenceSession.ValueMetadata): SessionValue {
  return value.isTensor
    ? { name: value.name, type: value.type, shape: value.shape }
    : { name: value.name, type: 'other', shape: [] };
}

async function readModel(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new SafaceError('not-found', `The model file ${path} cannot be read`, 'Check the path and its permissions.', {
      cause,
    });
  }
}

function creationError(error: unknown, provider: ProviderName): SafaceError {
  if (error instanceof SafaceError) return error;
  const message = describeError(error);
  const unknown =
    /(\S+) is not a registered function\/op|No [Oo]p registered for (\S+)|Could not find an implementation for (\S+)/.exec(
      message,
    );
  if (unknown) {
    const name = (unknown[1] ?? unknown[2] ?? unknown[3] ?? '').replace(/\(.*$/, '');
    return new SafaceError(
      'unsupported',
      `The model uses the operator "${name}", which ONNX Runtime does not know`,
      'Export the model with standard ONNX operators.',
      { cause: error },
    );
  }
  if (/protobuf|ModelProto|parsing|Invalid model|No graph/i.test(message)) {
    return new SafaceError(
      'integrity',
      `The file is not a valid ONNX model: ${message}`,
      'Copy or export the model again.',
      { cause: error },
    );
  }
  const remedy =
    provider === 'cpu'
      ? 'Check the model with onnx.checker.'
      : `"${provider}" needs ${providerNeeds(provider)}. Or choose "cpu".`;
  return new SafaceError('unsupported', `ONNX Runtime could not load the model: ${message}`, remedy, { cause: error });
}
