import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { describeError, SafaceError } from '@saface/core';
import type * as TensorFlow from '@tensorflow/tfjs';

export type TfModule = typeof TensorFlow;

interface TfBackendEntry {
  readonly label: string;
  /** The package it comes in. */
  readonly package: string;
  /** What TensorFlow.js itself calls it. */
  readonly kernels: string;
  /** The command that installs it; absent where it comes with SaFace. */
  readonly install?: string;
}

const version = '4.22.0';

// Their install scripts fetch the native library, and `.npmrc` keeps scripts from running.
const native = (name: string) => ({
  package: name,
  kernels: 'tensorflow',
  install: `npm install --no-save --ignore-scripts=false ${name}@${version}`,
});

/**
 * Where TensorFlow.js may run, fastest first. The two native packages are optional peer dependencies: their installers
 * download a library from a host that many sites cannot reach.
 */
export const tfBackends = {
  'tfjs-node-gpu': { label: 'NVIDIA GPU (CUDA)', ...native('@tensorflow/tfjs-node-gpu') },
  'tfjs-node': { label: 'CPU, native library', ...native('@tensorflow/tfjs-node') },
  wasm: { label: 'CPU, WebAssembly', package: '@tensorflow/tfjs-backend-wasm', kernels: 'wasm' },
  javascript: { label: 'CPU, plain JavaScript', package: '@tensorflow/tfjs', kernels: 'cpu' },
} as const satisfies Record<string, TfBackendEntry>;

export type TfBackend = keyof typeof tfBackends;

export const tfBackendNames = Object.keys(tfBackends) as readonly TfBackend[];

export interface TfRuntime {
  readonly tf: TfModule;
  readonly backend: TfBackend;
  readonly label: string;
  readonly version: string;
  /** Faster backends that were tried first, and why they are not used. */
  readonly passedOver: readonly string[];
}

/**
 * Loads the first of `wanted` (default: all, fastest first) that works. One process computes on one backend of
 * TensorFlow.js at a time: loading another one makes it the one for everybody.
 * @throws SafaceError 'unavailable' that says what was tried and how to install it
 */
export async function loadTensorFlow(wanted: readonly TfBackend[] = tfBackendNames): Promise<TfRuntime> {
  const failures: string[] = [];
  for (const backend of wanted) {
    const entry: TfBackendEntry = tfBackends[backend];
    try {
      const tf = await load(backend);
      return { tf, backend, label: entry.label, version: tf.version_core, passedOver: failures };
    } catch (error) {
      failures.push(`${backend}: ${reasonOf(error)}`);
    }
  }
  const commands = wanted.flatMap((backend) => (tfBackends[backend] as TfBackendEntry).install ?? []);
  throw new SafaceError(
    'unavailable',
    `TensorFlow.js cannot be loaded (${failures.join('; ')})`,
    `${commands.length > 0 ? `Install it with "${commands[0]}"` : 'Run "npm ci" again'}, or use the engine "onnx".`,
  );
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return code === 'ERR_MODULE_NOT_FOUND' ? 'not installed' : describeError(error).split('\n')[0]!;
}

async function load(backend: TfBackend): Promise<TfModule> {
  const { package: name, kernels } = tfBackends[backend];
  if (backend === 'wasm') await locateWasm();
  const tf = unwrap(await import(backend === 'wasm' ? tfBackends.javascript.package : name));
  // It advertises its native packages on the terminal otherwise.
  tf.enableProdMode();
  if (!(await tf.setBackend(kernels))) throw new Error(`TensorFlow.js could not start its backend "${kernels}"`);
  await tf.ready();
  return tf;
}

/** The WebAssembly files lie beside the package's code; TensorFlow.js would look for them on a web server. */
async function locateWasm(): Promise<void> {
  const name = tfBackends.wasm.package;
  const { setWasmPaths } = (await import(name)) as { setWasmPaths(folder: string): void };
  setWasmPaths(`${dirname(createRequire(import.meta.url).resolve(name))}/`);
}

/** The native packages are CommonJS: Node puts what they export under `default`. */
function unwrap(module: unknown): TfModule {
  const candidate = module as Partial<TfModule> & { default?: TfModule };
  return candidate.variableGrads ? (module as TfModule) : candidate.default!;
}
