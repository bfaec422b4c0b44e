import { SafaceError } from '@saface/core';
import { type InferenceSession, listSupportedBackends } from 'onnxruntime-node';

/** Where ONNX Runtime may run. The one table to extend for new hardware. */
const providers = {
  cpu: { label: 'CPU', needs: 'nothing: it is always there' },
  cuda: {
    label: 'NVIDIA GPU (CUDA)',
    needs:
      'Linux x64 with CUDA 12, cuDNN 9 and the CUDA libraries of onnxruntime-node (npm rebuild onnxruntime-node --ignore-scripts=false)',
  },
  tensorrt: { label: 'NVIDIA GPU (TensorRT)', needs: 'what "cuda" needs, and TensorRT 10' },
  webgpu: { label: 'any GPU (WebGPU)', needs: 'a Vulkan, Metal or Direct3D 12 driver' },
  coreml: { label: 'Apple Neural Engine (CoreML)', needs: 'macOS' },
  dml: { label: 'Windows GPU (DirectML)', needs: 'Windows' },
} as const satisfies Record<string, { label: string; needs: string }>;

export type ProviderName = keyof typeof providers;

export const providerNames = Object.keys(providers) as readonly ProviderName[];

export interface ProviderInfo {
  readonly name: ProviderName;
  readonly label: string;
  readonly needs: string;
  /** The installed ONNX Runtime was built with it; whether its driver is there shows when a session is created. */
  readonly built: boolean;
}

export function listProviders(): ProviderInfo[] {
  const built = new Set<string>(listSupportedBackends().map((backend) => backend.name));
  return providerNames.map((name) => ({ name, ...providers[name], built: built.has(name) }));
}

/** ONNX Runtime's provider list: the wanted one, and the CPU for operators it lacks. */
export function executionProviders(name: ProviderName): readonly InferenceSession.ExecutionProviderConfig[] {
  const info = listProviders().find((provider) => provider.name === name);
  if (!info)
    throw new SafaceError(
      'invalid-input',
      `There is no execution provider "${name}"`,
      `Choose one of: ${providerNames.join(', ')}.`,
    );
  if (!info.built)
    throw new SafaceError(
      'unsupported',
      `The installed ONNX Runtime has no "${name}" provider`,
      `It needs ${info.needs}. Or choose "cpu".`,
    );
  return name === 'cpu' ? ['cpu'] : [name, 'cpu'];
}

export function providerLabel(name: ProviderName): string {
  return providers[name].label;
}

export function providerNeeds(name: ProviderName): string {
  return providers[name].needs;
}
