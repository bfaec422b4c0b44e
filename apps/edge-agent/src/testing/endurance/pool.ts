import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type RgbImage, recogniserSpecSchema, SafaceError } from '@saface/core';
import { z } from 'zod';
import { type DayLight, dayLights } from './day.ts';

const headerSchema = z.object({
  recogniser: recogniserSpecSchema,
  /** The recogniser's ONNX file. */
  model: z.string(),
  people: z.array(z.string()).min(2),
  lights: z.tuple([z.literal('morning'), z.literal('noon'), z.literal('evening'), z.literal('night')]),
  /** Aligned crops of each person in each light. */
  pictures: z.number().int().min(4),
});

/** Aligned probes of every person in every light, made once: a day is dealt out of them instead of being rendered. */
export interface ProbePool extends z.infer<typeof headerSchema> {
  readonly size: number;
  crop(person: number, light: DayLight, picture: number): RgbImage;
  /** Position of a probe among all of the pool. */
  row(person: number, light: DayLight, picture: number): number;
}

/**
 * A folder with `pool.json` and `crops.bin`: raw RGB crops, person after person, in each person light after light.
 * @throws SafaceError 'invalid-input' when it is not whole
 */
export async function readPool(dir: string): Promise<ProbePool> {
  const header = headerSchema.parse(JSON.parse(await readFile(join(dir, 'pool.json'), 'utf8')));
  const { size } = header.recogniser.alignment;
  const { people, pictures } = header;
  await using file = await open(join(dir, 'crops.bin'));
  const bytes = await file.readFile();
  const each = size * size * 3;
  if (bytes.length !== people.length * dayLights.length * pictures * each)
    throw new SafaceError('invalid-input', `The pool in "${dir}" is not whole`, 'Remove the folder; it is made again.');
  const row = (person: number, light: DayLight, picture: number) =>
    (person * dayLights.length + dayLights.indexOf(light)) * pictures + picture;
  return {
    ...header,
    size,
    row,
    crop(person, light, picture) {
      const at = row(person, light, picture) * each;
      return { width: size, height: size, data: new Uint8Array(bytes.subarray(at, at + each)) };
    },
  };
}
