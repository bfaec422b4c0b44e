import { SafaceError } from '@saface/core';
import type { OnnxModel } from '../onnx/model.ts';
import { type DetectorFamily, detectorFamilies } from './detector-spec.ts';

const strides = [8, 16, 32] as const;

/**
 * Of which family a detector file is: by the kind that SaFace writes into its own files, else by inputs and outputs.
 * @throws SafaceError 'unsupported' when it is of none
 */
export function detectorFamily(model: OnnxModel): DetectorFamily {
  const kind = model.metadata['saface.kind'];
  const known = detectorFamilies.find((family) => family === kind);
  if (known) return known;
  if (kind === undefined && isYuNet(model)) return 'yunet';
  if (kind === undefined && isScrfd(model)) return 'scrfd';
  const outputs = model.graph.outputs.map(({ name, shape }) => `${name} [${shape?.join(', ') ?? '?'}]`).join('; ');
  throw new SafaceError(
    'unsupported',
    kind === undefined
      ? `This build knows no detector with the outputs ${outputs}`
      : `This build knows no detector of the kind "${kind}"`,
    `Use one of: ${detectorFamilies.join(', ')}.`,
  );
}

/** Outputs named cls, obj, bbox and kps for each stride, as libfacedetection.train and OpenCV's model zoo export them. */
function isYuNet({ graph }: OnnxModel): boolean {
  const names = new Set(graph.outputs.map(({ name }) => name));
  return strides.every((stride) => ['cls', 'obj', 'bbox', 'kps'].every((part) => names.has(`${part}_${stride}`)));
}

/** Nine outputs in order: scores, boxes, landmarks, each at strides 8, 16, 32. Some exporters drop the batch axis. */
function isScrfd({ graph }: OnnxModel): boolean {
  return (
    graph.inputs[0]?.shape?.[1] === 3 &&
    graph.outputs.length === 9 &&
    [1, 1, 1, 4, 4, 4, 10, 10, 10].every((width, i) => graph.outputs[i]!.shape?.at(-1) === width)
  );
}
