import type { Enrolled } from '@saface/core';
import type { Engine } from '@saface/engine/engines/index';
import { benchmarkFaces } from '@saface/engine/faces/benchmark/benchmark-faces';
import { cutModel, decodeModel, encodeModel, normalizeModel } from '@saface/engine/onnx/index';
import type { ModelLoader } from './models.ts';

/** An engine behind the ports. `threads` is for one operator. */
export function engineModelLoader(engine: Engine, { threads }: { readonly threads: number }): ModelLoader {
  return {
    async loadBase(recogniser, spec) {
      const { cut, extractor, learner } = cutModel(normalizeModel(decodeModel(recogniser)), spec.defaultCut);
      const opened = await engine.openExtractor(encodeModel(extractor), { input: spec.input, threads });
      let benchmark: Promise<Enrolled | null> | null = null;
      return {
        extractor: opened,
        learner: encodeModel(learner),
        flops: cut.extractor.flops + cut.learner.flops,
        benchmark: () => {
          // A failure is not kept: the next run tries again.
          benchmark ??= benchmarkFaces(opened, spec.alignment).catch((error: unknown) => {
            benchmark = null;
            throw error;
          });
          return benchmark;
        },
      };
    },
    loadLearner: (learner) => engine.openLearner(learner, { threads }),
  };
}
