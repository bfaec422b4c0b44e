import { runChild } from '../runtime/child.ts';
import { listProviders, type ProviderName, providerNeeds } from '../runtime/providers.ts';
import type { ProbeAnswer } from './probe-process.ts';

export interface ProbeResult {
  readonly usable: boolean;
  /** Why it is not usable, or slower than the CPU and so not worth using; null when it is fine. */
  readonly reason: string | null;
  /** Time of the probe's convolution there and on the CPU, in milliseconds; null when it did not run. */
  readonly times: { readonly provider: number; readonly cpu: number } | null;
}

export type ProbeProvider = (provider: ProviderName) => Promise<ProbeResult>;

const PATIENCE = 60_000;

/** GPU providers that the installed ONNX Runtime was built with, fastest first. */
export function automaticProviders(): ProviderName[] {
  const built = new Set(listProviders().flatMap(({ name, built }) => (built ? [name] : [])));
  // TensorRT compiles for minutes before it is fast: it is used when asked for by name.
  return (['cuda', 'dml', 'coreml', 'webgpu'] as const).filter((name) => built.has(name));
}

/**
 * Runs a real convolution on `provider` and compares result and time with the CPU's. In a process of its own: a broken
 * driver may end the process that loads it.
 */
export const probeProvider: ProbeProvider = async (provider) => {
  if (provider === 'cpu') return { usable: true, reason: null, times: null };
  const none = { usable: false, times: null };
  if (!listProviders().some(({ name, built }) => name === provider && built))
    return { ...none, reason: `the installed ONNX Runtime was built without it; it needs ${providerNeeds(provider)}` };
  const end = await runChild<ProbeAnswer>(new URL('./probe-process.ts', import.meta.url), {
    message: { provider },
    timeout: PATIENCE,
  });
  if (end.answer === null) return { ...none, reason: `its process ended by itself (${end.how})` };
  if ('error' in end.answer) return { ...none, reason: `${end.answer.error}; it needs ${providerNeeds(provider)}` };
  const times = end.answer;
  if (times.provider >= times.cpu)
    return {
      usable: false,
      times,
      reason: `it works, but takes ${times.provider.toFixed(1)} ms where the CPU takes ${times.cpu.toFixed(1)} ms`,
    };
  return { usable: true, reason: null, times };
};
