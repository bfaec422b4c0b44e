import { createTfjsClassifier } from '../pretraining/tfjs-classifier.ts';
import { extractorOf, learnerOf } from '../training/network.ts';
import { openTfNetwork } from '../training/tfjs-network.ts';
import type { TfRuntime } from '../training/tfjs-runtime.ts';
import { createTfjsTrainer } from '../training/tfjs-trainer.ts';
import type { Engine } from './engine.ts';

/** TensorFlow.js, the second engine: its own autodiff, and its CUDA kernels where they are installed. It chooses its threads itself. */
export function tfjsEngine({ tf, backend, label, version, passedOver }: TfRuntime): Engine {
  return {
    name: 'tfjs',
    backend,
    device: backend === 'tfjs-node-gpu' ? 'gpu' : 'cpu',
    openExtractor: async (model, options) => extractorOf(await openTfNetwork(tf, model), options),
    openLearner: async (model, options = {}) => learnerOf(await openTfNetwork(tf, model), options),
    openTrainer: (options) => createTfjsTrainer({ ...options, backend }),
    openClassifier: (options) => createTfjsClassifier({ ...options, backend }),
    describe: () => ({
      name: 'tfjs',
      backend,
      label: `TensorFlow.js ${version}, ${label}`,
      why: passedOver.length > 0 ? passedOver.join('; ') : null,
    }),
  };
}
