import type { DetectorImportReport, ModelCut, ModelProbe, RecogniserImportReport } from '@saface/core';
import {
  type DefaultModels,
  ensureDefaultModels,
  type ImportedRecogniser,
  importModel,
  isDetector,
  type ProbeReport,
  packagedFaces,
  probeDetector,
  refuseForeignFormat,
} from '@saface/engine';
import type { ReadModelFile } from './model-import.ts';

/** Reads models with the engine's importer; what a file does not say is tried on the sample pictures of the default models. */
export function modelFileReader({ modelsDir, threads }: { modelsDir: string; threads: number }): ReadModelFile {
  return async (bytes, fileName) => {
    refuseForeignFormat(bytes, fileName);
    const name = fileName.replace(/\.onnx$/i, '').slice(0, 100) || 'model';
    const options = { name, models: await ensureDefaultModels(modelsDir), threads };
    return isDetector(bytes) ? readDetector(bytes, options) : readRecogniser(bytes, options);
  };
}

interface Options {
  readonly name: string;
  readonly models: DefaultModels;
  readonly threads: number;
}

async function readDetector(bytes: Uint8Array, { name, models, threads }: Options) {
  const { onnx, spec } = await importModel(bytes, { kind: 'detector', name });
  const report: DetectorImportReport = {
    kind: 'detector',
    ...spec,
    ...(await probeDetector(onnx, models, threads)),
  };
  return { onnx, report };
}

async function readRecogniser(bytes: Uint8Array, { name, models, threads }: Options) {
  const faces = () => packagedFaces(models, threads);
  const found = await importModel(bytes, { kind: 'recogniser', name, faces, threads });
  const { onnx, spec, probe, notes, doubt } = found;
  const report: RecogniserImportReport = {
    kind: 'recogniser',
    spec,
    cuts: cutsOf(found),
    probes: probesOf(probe),
    notes: [...notes],
    doubt,
  };
  return { onnx, report };
}

/** Every legal cut, and where a model does not learn, or shall not: none at all, all of it extractor. */
function cutsOf({ cuts, spec, obstacle }: ImportedRecogniser): ModelCut[] {
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
