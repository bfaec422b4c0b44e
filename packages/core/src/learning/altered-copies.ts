import type { Random } from '../evaluation/random.ts';
import type { FeatureBank } from './fine-tune-types.ts';

/** A probe whose crop is altered as `seed` says. */
export interface AlteredFace {
  readonly row: number;
  readonly seed: number;
}

/** Alters the crops of probes, mirrored, blurred, under another light, and runs the frozen part on them (docs/decisions/027). */
export interface AlteredCopies {
  /** Features of such copies: Float32 of `faces.length * sampleSize`. Rows are those of the bank that holds the probes as they were seen. */
  read(faces: readonly AlteredFace[]): Promise<Float32Array>;
}

/** A face as training takes it: as it was seen where the seed is null, else altered. */
export interface TrainingFace {
  readonly row: number;
  readonly seed: number | null;
}

/** For each of `count` faces, with a chance of `share`, how it is altered. */
export function drawSeeds(
  count: number,
  { share, random }: { readonly share: number; readonly random: Random },
): (number | null)[] {
  return Array.from({ length: count }, () => {
    const [happens, seed] = [random(), Math.floor(random() * 2 ** 32)];
    return happens < share ? seed : null;
  });
}

/** Features of faces, in their order: Float32 of `faces.length * sampleSize`. */
export async function readFaces(
  faces: readonly TrainingFace[],
  { bank, altered }: { readonly bank: FeatureBank; readonly altered?: AlteredCopies | null },
): Promise<Float32Array> {
  const { sampleSize } = bank;
  const features = new Float32Array(faces.length * sampleSize);
  const fill = (positions: readonly number[], values: Float32Array) =>
    positions.forEach((at, i) => {
      features.set(values.subarray(i * sampleSize, (i + 1) * sampleSize), at * sampleSize);
    });
  const seen: number[] = [];
  const changed: number[] = [];
  faces.forEach(({ seed }, at) => {
    (altered && seed !== null ? changed : seen).push(at);
  });
  fill(seen, await bank.read(seen.map((at) => faces[at]!.row)));
  if (altered && changed.length > 0)
    fill(changed, await altered.read(changed.map((at) => ({ row: faces[at]!.row, seed: faces[at]!.seed! }))));
  return features;
}
