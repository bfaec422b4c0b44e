import { SafaceError } from '@saface/core';
import { detectorFamily } from '../../faces/detector-family.ts';
import type { DetectorSpec } from '../../faces/detector-spec.ts';
import { decodeModel } from '../../onnx/model.ts';

export interface ImportedDetector {
  readonly kind: 'detector';
  readonly onnx: Uint8Array;
  readonly spec: DetectorSpec;
  readonly notes: readonly string[];
}

/** Whether a file is a detector of a family that SaFace knows. Damaged files throw as `importDetector` does. */
export function isDetector(bytes: Uint8Array): boolean {
  try {
    detectorFamily(decodeModel(bytes));
    return true;
  } catch (error) {
    if (error instanceof SafaceError && error.code === 'unsupported') return false;
    throw error;
  }
}

/** @throws SafaceError 'integrity' for damaged files, 'unsupported' when it is of no family that SaFace knows */
export async function importDetector(
  bytes: Uint8Array,
  { name }: { readonly name: string },
): Promise<ImportedDetector> {
  const family = detectorFamily(decodeModel(bytes));
  return { kind: 'detector', onnx: bytes, spec: { name, family }, notes: [] };
}
