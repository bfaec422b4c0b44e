import { join } from 'node:path';
import { describeError, type Extractor, type RecogniserSpec, type RgbImage, SafaceError } from '@saface/core';
import { checkEnrolmentImage, enrolmentRemedies, readImage } from '@saface/engine';
import { openFinder } from './face-finder.ts';
import { listGalleryFiles } from './gallery-files.ts';
import { listVisible } from './list-visible.ts';

export interface GalleryPicture {
  readonly person: string;
  readonly file: string;
  /** The extractor's features of the aligned face. */
  readonly features: Float32Array;
  readonly quality: number;
}

export interface RefusedPicture {
  readonly file: string;
  /** `unreadable`: a damaged picture; `unusable`: a picture that would make a poor template. */
  readonly kind: 'unreadable' | 'unusable';
  readonly reason: string;
  readonly remedy: string;
}

export interface GalleryFolder {
  readonly people: readonly string[];
  readonly pictures: readonly GalleryPicture[];
  readonly refused: readonly RefusedPicture[];
  /** Paths of files that are no pictures at all; no fault. */
  readonly passedOver: readonly string[];
}

/**
 * Enrols `<folder>/<person>/<any picture>`. A file that cannot be enrolled is reported and left out; the others go on.
 * @throws SafaceError `invalid-input` when the folder cannot be read or nobody in it could be enrolled.
 */
export async function readGalleryFolder(
  folder: string,
  { spec, extractor, detector }: { spec: RecogniserSpec; extractor: Extractor; detector?: string },
): Promise<GalleryFolder> {
  const people = await listPeople(folder);
  const finder = await openFinder(spec.alignment, { detector, of: 'stills' });
  const pictures: GalleryPicture[] = [];
  const refused: RefusedPicture[] = [];
  const passedOver: string[] = [];
  const enrol = async (person: string, file: string): Promise<void> => {
    let image: RgbImage;
    try {
      image = await readImage(file);
    } catch (error) {
      const remedy = error instanceof SafaceError ? error.remedy : 'Replace the file by a JPEG, PNG or WebP picture.';
      refused.push({
        file,
        kind: 'unreadable',
        reason: error instanceof SafaceError ? error.message : describeError(error),
        remedy,
      });
      return;
    }
    const check = await checkEnrolmentImage(image, { ...finder, alignment: spec.alignment });
    if (check.ok)
      pictures.push({ person, file, quality: check.quality, features: await extractor.extract([check.crop]) });
    else
      refused.push({
        file,
        kind: 'unusable',
        reason: `"${file}" is not usable: ${check.reason.replaceAll('-', ' ')}`,
        remedy: enrolmentRemedies[check.reason],
      });
  };
  try {
    for (const person of people) {
      const files = await listGalleryFiles(join(folder, person));
      passedOver.push(...files.others);
      for (const file of files.pictures) await enrol(person, file);
    }
  } finally {
    await finder.dispose();
  }
  const enrolled = people.filter((person) => pictures.some((picture) => picture.person === person));
  if (enrolled.length === 0) {
    const why = refused[0]?.reason ?? (passedOver[0] && `"${passedOver[0]}" is not a picture`);
    throw new SafaceError(
      'invalid-input',
      `Nobody in "${folder}" could be enrolled${why ? ` (${why})` : ''}`,
      'Give a folder with one sub-folder per person, each with pictures of that person alone.',
    );
  }
  return { people: enrolled, pictures, refused, passedOver };
}

async function listPeople(folder: string): Promise<string[]> {
  try {
    return (await listVisible(folder, 'folders')).sort();
  } catch (cause) {
    throw new SafaceError(
      'invalid-input',
      `The gallery "${folder}" cannot be read (${describeError(cause)})`,
      'Give a folder with one sub-folder per person.',
      { cause },
    );
  }
}
