import { detectorFamily } from '../../faces/detector-family.ts';
import type { DetectorSpec } from '../../faces/detector-spec.ts';
import { decodeModel } from '../../onnx/model.ts';

export interface ImportedDetector {
  readonly kind: 'detector';
  readonly onnx: Uint8Array;
  readonly spec: DetectorSpec;
  readonly notes: readonly string[];
}

/** @throws SafaceError 'integrity' for damaged files, 'unsupported' when it is of no family that SaFace knows */
export async function importDetector(
  bytes: Uint8Array,
  { name }: { readonly name: string },
): Promise<ImportedDetector> {
  const family = detectorFamily(decodeModel(bytes));
  return { kind: 'detector', onnx: bytes, spec: { name, family }, notes: [] };
}
