import type { Engine } from '@saface/engine/engines/index';
import { cutModel, decodeModel, encodeModel, normalizeModel } from '@saface/engine/onnx/index';
import type { ModelLoader } from './models.ts';

/** An engine behind the ports. `threads` is for one operator. */
export function engineModelLoader(engine: Engine, { threads }: { readonly threads: number }): ModelLoader {
  return {
    async loadBase(recogniser, spec) {
      const { extractor, learner } = cutModel(normalizeModel(decodeModel(recogniser)), spec.defaultCut);
      return {
        extractor: await engine.openExtractor(encodeModel(extractor), { input: spec.input, threads }),
        learner: encodeModel(learner),
      };
    },
    loadLearner: (learner) => engine.openLearner(learner, { threads }),
  };
}
