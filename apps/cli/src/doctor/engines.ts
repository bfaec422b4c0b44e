import { describeError } from '@saface/core';
import {
  type EngineChoice,
  engineId,
  listProviders,
  loadTensorFlow,
  openEngine,
  type ProbeProvider,
  type ProviderName,
  probeProvider,
  tfBackendNames,
} from '@saface/engine';
import { type Check, fail, ok } from './check.ts';

/** One place where an engine may compute. */
export interface EngineState {
  readonly engine: 'onnx' | 'tfjs';
  readonly backend: string;
  readonly usable: boolean;
  /** Why not, and how to get it; null when usable. */
  readonly reason: string | null;
}

/** Every engine and backend, each tried for real. */
export async function listEngines(probe: ProbeProvider = probeProvider): Promise<EngineState[]> {
  const states: EngineState[] = [];
  for (const { name } of listProviders()) states.push(await onnxState(name, probe));
  for (const backend of tfBackendNames) {
    const reason = await loadTensorFlow([backend]).then(
      () => null,
      (error: unknown) => describeError(error),
    );
    states.push({ engine: 'tfjs', backend, usable: reason === null, reason });
  }
  return states;
}

async function onnxState(name: ProviderName, probe: ProbeProvider): Promise<EngineState> {
  const { usable, reason } = await probe(name);
  return { engine: 'onnx', backend: name, usable, reason };
}

/** The engine that recognition and training would use with these settings. */
export async function checkEngine(choice: EngineChoice, probe: ProbeProvider = probeProvider): Promise<Check> {
  const asked = `SAFACE_ENGINE=${choice.engine} SAFACE_PROVIDER=${choice.provider}`;
  try {
    const engine = await openEngine(choice, probe);
    if (choice.engine === 'onnx' && choice.provider !== 'auto') {
      const { usable, reason, times } = await probe(choice.provider);
      // Slower than the CPU, but it works, and it was asked for.
      if (!usable && times === null) return fail('engine', `${asked}: ${reason}`, 'Set SAFACE_PROVIDER=cpu or auto.');
    }
    const { label, why } = engine.describe();
    return ok(
      'engine',
      `${engineId(engine)} (${label}) for inference and training${why ? `; passed over: ${why}` : ''}`,
    );
  } catch (error) {
    return fail('engine', `${asked}: ${describeError(error)}`, 'Set SAFACE_ENGINE=onnx and SAFACE_PROVIDER=cpu.');
  }
}
