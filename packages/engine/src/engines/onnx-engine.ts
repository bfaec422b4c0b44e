import { env as ort } from 'onnxruntime-node';
import { createOrtClassifier } from '../pretraining/ort-classifier.ts';
import { type ProviderName, providerLabel } from '../runtime/providers.ts';
import { createOrtExtractor } from '../training/ort-extractor.ts';
import { createOrtLearner } from '../training/ort-learner.ts';
import { createOrtTrainer } from '../training/ort-trainer.ts';
import type { Engine } from './engine.ts';

/** ONNX Runtime, the default engine; whether `provider` works shows when the first model is opened. */
export function onnxEngine(provider: ProviderName, why: string | null): Engine {
  return {
    name: 'onnx',
    backend: provider,
    device: provider === 'cpu' ? 'cpu' : 'gpu',
    openExtractor: (model, options) => createOrtExtractor(model, { ...options, provider }),
    openLearner: (model, options) => createOrtLearner(model, { ...options, provider }),
    openTrainer: (options) => createOrtTrainer({ ...options, provider }),
    openClassifier: (options) => createOrtClassifier({ ...options, provider }),
    describe: () => ({
      name: 'onnx',
      backend: provider,
      label: `ONNX Runtime ${ort.versions.node ?? ''}, ${providerLabel(provider)}`,
      why,
    }),
  };
}
