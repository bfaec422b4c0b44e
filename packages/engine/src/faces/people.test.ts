import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { faceApiRecogniser } from '../models/face-api/recogniser.ts';
import { floatData, floatTensor, OrtSession } from '../runtime/index.ts';
import { checkEnrolmentImage, enrolmentRemedies } from './enrolment-check.ts';
import { readImage } from './image.ts';
import { openTestFaces } from './testing.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');
const people = join(process.env.SAFACE_DATA_DIR ?? join(root, '../shared/data'), 'people');

/** Enough to tell, and quick. */
const PICTURES_EACH = 3;

describe.skipIf(!existsSync(people))(`eight people on real stills (${people})`, () => {
  it('enrols nearly all of them, and their aligned faces tell them apart', async () => {
    const faces = await openTestFaces();
    const recogniser = await OrtSession.create(faces.models.recogniser.path);
    const embeddings: { person: string; vector: Float32Array }[] = [];
    let pictures = 0;
    for (const person of readdirSync(people, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
      for (const file of readdirSync(join(people, person.name)).slice(0, PICTURES_EACH)) {
        pictures++;
        const check = await checkEnrolmentImage(await readImage(join(people, person.name, file)), {
          ...faces,
          alignment: faceApiRecogniser.alignment,
        });
        if (!check.ok) {
          expect(enrolmentRemedies[check.reason]).toBe(check.remedy);
          continue;
        }
        const output = await recogniser.run({ input: floatTensor(planar(check.crop.data), [1, 3, 150, 150]) });
        embeddings.push({ person: person.name, vector: floatData(output.embedding, 'embedding') });
      }
    }
    await recogniser.dispose();
    await faces.close();
    expect(embeddings.length / pictures).toBeGreaterThan(0.9);

    const same: number[] = [];
    const different: number[] = [];
    for (const [i, a] of embeddings.entries()) {
      for (const b of embeddings.slice(i + 1)) {
        (a.person === b.person ? same : different).push(
          Math.hypot(...a.vector.map((value, k) => value - b.vector[k]!)),
        );
      }
    }
    const ordered = same.reduce((sum, s) => sum + different.filter((d) => d > s).length, 0);
    expect(ordered / (same.length * different.length)).toBeGreaterThan(0.999);
  });
});

function planar(pixels: Uint8Array): Float32Array {
  const { mean, scale } = faceApiRecogniser.input;
  const plane = pixels.length / 3;
  return Float32Array.from({ length: pixels.length }, (_, at) => {
    const c = Math.floor(at / plane);
    return (pixels[(at % plane) * 3 + c]! - mean[c]!) * scale[c]!;
  });
}
