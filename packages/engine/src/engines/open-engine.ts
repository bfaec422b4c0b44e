import { SafaceError } from '@saface/core';
import { executionProviders, type ProviderName, providerNames } from '../runtime/providers.ts';
import { loadTensorFlow, type TfBackend, tfBackendNames } from '../training/tfjs-runtime.ts';
import type { Engine, EngineName } from './engine.ts';
import { onnxEngine } from './onnx-engine.ts';
import { automaticProviders, type ProbeProvider, probeProvider } from './probe.ts';
import { tfjsEngine } from './tfjs-engine.ts';

/** An execution provider, or 'auto': the fastest that works. */
export const providerChoices = [...providerNames, 'auto'] as const;
export type ProviderChoice = ProviderName | 'auto';

/** What `SAFACE_ENGINE` and `SAFACE_PROVIDER` say. */
export interface EngineChoice {
  readonly engine: EngineName;
  readonly provider: ProviderChoice;
}

/** The CPU computes the same on every machine; anything else is asked for by name or with 'auto'. */
export const defaultEngineChoice: EngineChoice = { engine: 'onnx', provider: 'cpu' };

/** How each engine is opened. The one table to extend for another engine. */
const engines: Readonly<Record<EngineName, (provider: ProviderChoice, probe: ProbeProvider) => Promise<Engine>>> = {
  onnx: async (provider, probe) => {
    if (provider === 'auto') return fastestOnnx(probe);
    // Refuses at once what this build does not have.
    executionProviders(provider);
    return onnxEngine(provider, null);
  },
  tfjs: async (provider) => tfjsEngine(await loadTensorFlow(tensorFlowFor(provider))),
};

/**
 * Opens the engine that was chosen.
 * @param probe tries an execution provider out; default: in a process of its own
 * @throws SafaceError 'unsupported' or 'unavailable' that says what is missing and how to get it
 */
export function openEngine(
  { engine, provider }: EngineChoice = defaultEngineChoice,
  probe: ProbeProvider = probeProvider,
): Promise<Engine> {
  return engines[engine](provider, probe);
}

/** The choice that opens the same engine again without a search; for processes started later. */
export function settled(choice: EngineChoice, engine: Engine): EngineChoice {
  const provider = providerNames.find((name) => name === engine.backend);
  return engine.name === 'onnx' && provider ? { engine: 'onnx', provider } : choice;
}

async function fastestOnnx(probe: ProbeProvider): Promise<Engine> {
  const failures: string[] = [];
  for (const provider of automaticProviders()) {
    const result = await probe(provider);
    if (result.usable) return onnxEngine(provider, failures.length > 0 ? failures.join('; ') : null);
    failures.push(`${provider}: ${result.reason}`);
  }
  return onnxEngine('cpu', failures.length > 0 ? failures.join('; ') : 'no GPU provider is built in');
}

/** The backends of TensorFlow.js that compute where `provider` says. */
function tensorFlowFor(provider: ProviderChoice): readonly TfBackend[] {
  if (provider === 'auto') return tfBackendNames;
  if (provider === 'cuda') return ['tfjs-node-gpu'];
  if (provider === 'cpu') return ['tfjs-node', 'wasm', 'javascript'];
  throw new SafaceError(
    'unsupported',
    `The engine "tfjs" cannot use "${provider}"`,
    'Choose SAFACE_PROVIDER=cpu, cuda or auto, or SAFACE_ENGINE=onnx.',
  );
}
