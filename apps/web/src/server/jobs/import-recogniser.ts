import type { ModelCut, ModelProbe } from '@saface/core';
import {
  ensureDefaultModels,
  type ImportedRecogniser as FoundRecogniser,
  importModel,
  type ProbeReport,
  packagedFaces,
} from '@saface/engine';
import type { ImportRecogniser } from './model-import.ts';

/** Reads recognisers with the engine's importer, tried on the sample faces that the default models carry. */
export function recogniserImporter({ modelsDir, threads }: { modelsDir: string; threads: number }): ImportRecogniser {
  const faces = async () => packagedFaces(await ensureDefaultModels(modelsDir), threads);
  return async (bytes, fileName) => {
    const name = fileName.replace(/\.onnx$/i, '').slice(0, 100) || 'recogniser';
    const found = await importModel(bytes, { kind: 'recogniser', name, faces, threads });
    const { onnx, spec, probe, notes } = found;
    return { onnx, report: { spec, cuts: cutsOf(found), probes: probesOf(probe), notes: [...notes] } };
  };
}

/** Every legal cut, and where a model does not learn, or shall not: none at all, all of it extractor. */
function cutsOf({ cuts, spec, obstacle }: FoundRecogniser): ModelCut[] {
  const listed = cuts.map(
    ({ tensor, shape, extractor, learner, obstacle: own }): ModelCut => ({
      tensor,
      shape: [...shape],
      extractor,
      learner,
      obstacle: own,
    }),
  );
  if (listed.some(({ tensor }) => tensor === spec.defaultCut)) return listed;
  const [first] = cuts;
  const all = first
    ? {
        parameters: first.extractor.parameters + first.learner.parameters,
        flops: first.extractor.flops + first.learner.flops,
      }
    : { parameters: 0, flops: 0 };
  const whole: ModelCut = {
    tensor: spec.defaultCut,
    shape: [spec.dimension],
    extractor: all,
    learner: { parameters: 0, flops: 0 },
    obstacle: obstacle ?? 'Nothing is left to learn: recognition only',
  };
  return [...listed, whole];
}

const subjects = { normalisation: 'Normalisation', channels: 'Channel order', template: 'Alignment' } as const;

/** What was tried, part by part: the choice against the best of the others. */
function probesOf({ candidates, confidence, settled, faces }: ProbeReport): ModelProbe[] {
  const [chosen] = candidates;
  if (!chosen) return [];
  return (['normalisation', 'channels', 'template'] as const).map((part) => {
    const rival = candidates.find((candidate) => candidate[part] !== chosen[part]);
    const tried = `tells ${faces} sample faces apart with a separation of ${chosen.separation.toFixed(2)}`;
    const other = rival ? `; ${rival[part]} reaches ${rival.separation.toFixed(2)}` : '';
    return {
      subject: subjects[part],
      chosen: chosen[part],
      confidence: confidence[part],
      detail: settled[part] === 'declared' ? 'As it was declared' : `${chosen[part]} ${tried}${other}`,
    };
  });
}
