import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RecogniserSpec, type RgbImage, usesLandmarks } from '@saface/core';
import { alignProbe, cropBox, ensureDefaultModels, Landmarker68 } from '@saface/engine';
import {
  type CropConditions,
  createPedestrians,
  createPopulation,
  type DayLight,
  dayLights,
  renderBodyPicture,
  renderLitFace,
  studioConditions,
} from '@saface/simulator';
import { env, folders } from '../env.ts';

/** People of the day, and aligned probes of each in each light. */
const poolSize = { people: 20, pictures: 10, seed: 8_812 } as const;
/** Rises whenever the same settings would give other pixels. */
const poolVersion = 1;

export interface PoolSource {
  readonly spec: RecogniserSpec;
  /** The recogniser's ONNX file. */
  readonly path: string;
  readonly onProgress: (share: number) => void;
}

/** The probes that a day of operation is dealt from, rendered and aligned once; the folder appears whole or not at all. */
export async function ensureProbePool({ spec, path, onProgress }: PoolSource): Promise<string> {
  const key = JSON.stringify([poolVersion, poolSize, spec, path]);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 12);
  const dir = join(folders.worlds, `endurance-${spec.name}-${hash}`);
  const whole = await stat(join(dir, 'pool.json')).then(
    () => true,
    () => false,
  );
  if (whole) return dir;
  const temporary = `${dir}.${process.pid}.part`;
  await mkdir(temporary, { recursive: true });
  try {
    await using file = await open(join(temporary, 'crops.bin'), 'w');
    const subjects = await openSubjects(spec);
    try {
      for (const [at, person] of subjects.people.entries()) {
        for (const light of dayLights) {
          for (let picture = 0; picture < poolSize.pictures; picture++)
            await file.write((await subjects.probe(person, light, picture)).data);
        }
        onProgress((at + 1) / subjects.people.length);
      }
      const { pictures } = poolSize;
      const header = { recogniser: spec, model: path, people: subjects.people, lights: dayLights, pictures };
      await writeFile(join(temporary, 'pool.json'), JSON.stringify(header));
    } finally {
      await subjects.dispose();
    }
    await rename(temporary, dir);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  return dir;
}

interface Subjects {
  readonly people: readonly string[];
  probe(person: string, light: DayLight, picture: number): Promise<RgbImage>;
  dispose(): Promise<void>;
}

/** Faces for a recogniser that aligns them, whole people for one that takes boxes. */
async function openSubjects(spec: RecogniserSpec): Promise<Subjects> {
  return usesLandmarks(spec.alignment) ? openFaces(spec) : openBodies(spec);
}

/** Found landmarks, not known ones: the probes are as imperfect as a camera's. */
async function openFaces({ alignment }: RecogniserSpec): Promise<Subjects> {
  const models = await ensureDefaultModels(folders.models);
  const landmarker = await Landmarker68.create(models.landmarks.path, { threads: env.threads });
  const people = new Map(createPopulation(poolSize.seed, poolSize.people).map((person) => [person.name, person]));
  return {
    people: [...people.keys()],
    async probe(name, light, picture) {
      const { image, box } = await renderLitFace(people.get(name)!, light, picture);
      const [face] = await landmarker.landmark(image, [{ box, score: 1 }]);
      return alignProbe(image, face, alignment);
    },
    dispose: () => landmarker.dispose(),
  };
}

const bodyLooks: Readonly<Record<DayLight, CropConditions>> = {
  morning: { ...studioConditions, warmth: [0, 0.08], sunShare: [0.5, 0.7], exposure: [0.8, 1] },
  noon: { ...studioConditions, warmth: [-0.05, 0.02], sunShare: [0.6, 0.8], exposure: [1, 1.3] },
  evening: { ...studioConditions, warmth: [0.18, 0.3], sunShare: [0.6, 0.8], exposure: [0.55, 0.8], noise: [3, 7] },
  night: { ...studioConditions, warmth: [-0.16, -0.08], sunShare: [0.1, 0.3], exposure: [0.2, 0.35], noise: [6, 11] },
};

async function openBodies({ alignment }: RecogniserSpec): Promise<Subjects> {
  const people = new Map(createPedestrians(poolSize.seed, poolSize.people).map((person) => [person.name, person]));
  return {
    people: [...people.keys()],
    async probe(name, light, picture) {
      const person = people.get(name)!;
      const seed = person.seed * 31 + dayLights.indexOf(light) * 1009 + picture;
      const { image, box } = renderBodyPicture(person, bodyLooks[light], seed);
      return cropBox(image, box, alignment.size);
    },
    dispose: async () => {},
  };
}
