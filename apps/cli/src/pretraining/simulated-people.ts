import { createRandom, type Point } from '@saface/core';
import { alignFace, arcFaceTemplate, type CropPack, ensureCropPack, type PackedPerson } from '@saface/engine';
import { type PortraitSpec, renderPortraits, simulatorVersion } from '@saface/simulator';

export interface SimulatedPeopleOptions {
  readonly onPerson?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Landmarks found in a picture are this far off, as a share of the distance between the eyes; see docs/decisions/012. */
const landmarkError = 0.035;

/**
 * Crops of simulated people who live in no demo world, in harsh light and any pose, aligned as a landmark net would do it:
 * not quite. Rendered once into `dir`; the same spec gives the same pixels.
 */
export function ensureSimulatedPeople(
  dir: string,
  spec: PortraitSpec & { readonly size: number },
  { onPerson, signal }: SimulatedPeopleOptions = {},
): Promise<CropPack> {
  const { size, ...portraits } = spec;
  const template = arcFaceTemplate(size);
  async function* people(): AsyncGenerator<PackedPerson> {
    for await (const { person, portraits: pictures } of renderPortraits(portraits, { signal })) {
      const crops = pictures.map(({ image, landmarks }, number) => {
        const found = jitter(landmarks, person * 10_007 + number);
        return alignFace(image, found, { size, template }).data;
      });
      yield { identity: `simulated ${person + 1}`, crops };
      onPerson?.(person + 1, spec.people);
    }
  }
  const source = JSON.stringify({ kind: 'simulated people', simulatorVersion, landmarkError, ...spec });
  const name = `${spec.people} simulated people (seed ${spec.seed})`;
  return ensureCropPack({ dir, source, name, size }, people);
}

function jitter(landmarks: readonly Point[], seed: number): Point[] {
  const random = createRandom(seed);
  const eyes = Math.hypot(landmarks[1]!.x - landmarks[0]!.x, landmarks[1]!.y - landmarks[0]!.y);
  const off = () => (random() + random() + random() - 1.5) * 2 * landmarkError * Math.max(eyes, 6);
  return landmarks.map(({ x, y }) => ({ x: x + off(), y: y + off() }));
}
