import type { Random } from '../evaluation/random.ts';
import type { FeatureBank } from './fine-tune-types.ts';

/** Features of the probes' crops after they were altered: mirrored, blurred, under another light (docs/decisions/027). */
export interface AlteredCopies {
  /** Copies of each probe. */
  readonly copies: number;
  /** Copy c of the probe whose features lie in row r of the usual bank has row r * copies + c here. */
  readonly bank: FeatureBank;
}

/** A probe as it was seen, or one of its altered copies. */
export interface TrainingFace {
  readonly row: number;
  /** Null = as it was seen. */
  readonly copy: number | null;
}

/** Draws for each of `count` faces whether one of its copies stands for it, with a chance of `share`, and which. */
export function drawCopies(
  count: number,
  { copies, share, random }: { readonly copies: number; readonly share: number; readonly random: Random },
): (number | null)[] {
  return Array.from({ length: count }, () => {
    const [happens, which] = [random(), random()];
    return copies > 0 && happens < share ? Math.floor(which * copies) : null;
  });
}

/** Features of faces as training takes them: Float32 of `faces.length * sampleSize`. */
export async function readFaces(
  faces: readonly TrainingFace[],
  { bank, altered }: { readonly bank: FeatureBank; readonly altered?: AlteredCopies | null },
): Promise<Float32Array> {
  const { sampleSize } = bank;
  const features = new Float32Array(faces.length * sampleSize);
  const fill = async (from: FeatureBank, positions: readonly number[], rowOf: (face: TrainingFace) => number) => {
    const values = await from.read(positions.map((at) => rowOf(faces[at]!)));
    positions.forEach((at, i) => {
      features.set(values.subarray(i * sampleSize, (i + 1) * sampleSize), at * sampleSize);
    });
  };
  const positions = faces.map((_, at) => at);
  const seen = positions.filter((at) => !altered || faces[at]!.copy === null);
  await fill(bank, seen, ({ row }) => row);
  if (altered && seen.length < faces.length)
    await fill(
      altered.bank,
      positions.filter((at) => faces[at]!.copy !== null),
      ({ row, copy }) => row * altered.copies + copy!,
    );
  return features;
}
