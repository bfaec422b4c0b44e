import { cutModel, decodeModel, encodeModel, normalizeModel } from '@saface/engine/onnx/index';
import { createOrtExtractor, createOrtLearner } from '@saface/engine/training/index';
import type { ModelLoader } from './models.ts';

/** ONNX Runtime behind the ports. `threads` is for one operator. */
export function engineModelLoader({ threads }: { readonly threads: number }): ModelLoader {
  return {
    async loadBase(recogniser, spec) {
      const { extractor, learner } = cutModel(normalizeModel(decodeModel(recogniser)), spec.defaultCut);
      return {
        extractor: await createOrtExtractor(encodeModel(extractor), { input: spec.input, threads }),
        learner: encodeModel(learner),
      };
    },
    loadLearner: (learner) => createOrtLearner(learner, { threads }),
  };
}
