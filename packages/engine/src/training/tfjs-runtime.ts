import { describeError, SafaceError } from '@saface/core';
import type * as TensorFlow from '@tensorflow/tfjs';

export type TfModule = typeof TensorFlow;

/** In order of preference. Each is an optional peer dependency: their installers download a native library. */
const packages = [
  { name: '@tensorflow/tfjs-node-gpu', label: 'CUDA GPU' },
  { name: '@tensorflow/tfjs-node', label: 'native CPU' },
  { name: '@tensorflow/tfjs', label: 'plain JavaScript' },
] as const;

export type TfPackage = (typeof packages)[number]['name'];

export interface TfRuntime {
  readonly tf: TfModule;
  readonly package: TfPackage;
  readonly label: string;
}

/**
 * Loads the fastest TensorFlow.js that is installed, or the named one.
 * @throws SafaceError 'unavailable' that says what was tried and how to install it
 */
export async function loadTensorFlow(wanted?: TfPackage): Promise<TfRuntime> {
  const failures: string[] = [];
  for (const { name, label } of packages) {
    if (wanted !== undefined && wanted !== name) continue;
    try {
      const tf = unwrap(await import(name));
      if (name === '@tensorflow/tfjs') await tf.setBackend('cpu');
      await tf.ready();
      return { tf, package: name, label };
    } catch (error) {
      failures.push(`${name}: ${describeError(error).split('\n')[0]}`);
    }
  }
  throw new SafaceError(
    'unavailable',
    `TensorFlow.js cannot be loaded (${failures.join('; ')})`,
    `Install it with "npm install ${wanted ?? packages[0].name}", or train with the engine "onnxruntime".`,
  );
}

/** The native packages are CommonJS: Node puts what they export under `default`. */
function unwrap(module: unknown): TfModule {
  const candidate = module as Partial<TfModule> & { default?: TfModule };
  return candidate.variableGrads ? (module as TfModule) : candidate.default!;
}
