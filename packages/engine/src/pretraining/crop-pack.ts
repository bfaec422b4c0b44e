import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeError, SafaceError } from '@saface/core';
import { z } from 'zod';
import type { PretrainDataset } from './dataset.ts';

const indexSchema = z.object({
  format: z.literal(1),
  /** What the crops were made from; another source is packed anew. */
  source: z.string(),
  name: z.string(),
  size: z.number().int().positive(),
  identities: z.array(z.string()),
  labels: z.array(z.number().int().nonnegative()),
  sha256: z.string().length(64),
  /** What was left out, for the user to see. */
  skipped: z.array(z.object({ file: z.string(), reason: z.string() })),
});
type Index = z.infer<typeof indexSchema>;

export interface Skipped {
  readonly file: string;
  readonly reason: string;
}

/** Crops of one person, as they come. */
export interface PackedPerson {
  readonly identity: string;
  readonly crops: readonly Uint8Array[];
  readonly skipped?: readonly Skipped[];
}

export interface PackSpec {
  readonly dir: string;
  /** Says exactly what the crops are made from, e.g. as JSON. */
  readonly source: string;
  readonly name: string;
  readonly size: number;
}

/** A dataset in one file of raw pixels, for its owner's eyes alone: prepared once, then read at the disk's speed. */
export interface CropPack extends PretrainDataset {
  readonly skipped: readonly Skipped[];
  close(): Promise<void>;
}

/** The pack in `dir` when it is whole and made from `source`; null when there is none. */
export async function openCropPack({ dir, source, size }: PackSpec): Promise<CropPack | null> {
  const index = await readIndex(dir);
  if (index === null || index.source !== source || index.size !== size) return null;
  try {
    const file = await open(join(dir, 'crops.bin'));
    const bytes = (await file.stat()).size;
    if (bytes === index.labels.length * size * size * 3) return new FilePack(index, file);
    await file.close();
  } catch {
    // Gone or unreadable: it is made again.
  }
  return null;
}

/**
 * Opens the pack in `dir`, or makes it from `people` first. It appears under its name only when all of it is written.
 * @throws SafaceError 'exhausted' when the disk is full, 'unavailable' when the folder cannot be written
 */
export async function ensureCropPack(spec: PackSpec, people: () => AsyncIterable<PackedPerson>): Promise<CropPack> {
  const ready = await openCropPack(spec);
  if (ready) return ready;
  const { dir, source, name, size } = spec;
  const draft = `${dir}.${randomUUID()}.part`;
  try {
    await mkdir(draft, { recursive: true, mode: 0o700 });
    const file = await open(join(draft, 'crops.bin'), 'w', 0o600);
    const hash = createHash('sha256').update(JSON.stringify([source, size]));
    const identities: string[] = [];
    const labels: number[] = [];
    const skipped: Skipped[] = [];
    try {
      for await (const person of people()) {
        skipped.push(...(person.skipped ?? []));
        if (person.crops.length === 0) continue;
        for (const crop of person.crops) {
          labels.push(identities.length);
          hash.update(crop);
          await file.writeFile(crop);
        }
        identities.push(person.identity);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    const sha256 = hash.update(JSON.stringify([identities, labels])).digest('hex');
    const index: Index = { format: 1, source, name, size, identities, labels, sha256, skipped };
    await writeFile(join(draft, 'index.json'), `${JSON.stringify(index)}\n`, { mode: 0o600 });
    await rm(dir, { recursive: true, force: true });
    await mkdir(dirname(dir), { recursive: true });
    await rename(draft, dir);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw writingError(cause, dir);
  }
  const made = await openCropPack(spec);
  if (made) return made;
  throw new SafaceError('unavailable', `The crops in "${dir}" vanished while they were made`, 'Run it again.');
}

function writingError(cause: unknown, dir: string): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOSPC')
    return new SafaceError(
      'exhausted',
      `The disk is full: no room for crops in "${dir}"`,
      'Free some space and go on.',
      {
        cause,
      },
    );
  if (!['EACCES', 'EROFS', 'ENOTDIR', 'EPERM'].includes(code)) return cause;
  return new SafaceError(
    'unavailable',
    `Cannot write crops to "${dir}" (${describeError(cause)})`,
    'Check that the folder is writable.',
    { cause },
  );
}

async function readIndex(dir: string): Promise<Index | null> {
  try {
    return indexSchema.parse(JSON.parse(await readFile(join(dir, 'index.json'), 'utf8')));
  } catch {
    // Missing, cut short or of another format: it is made again.
    return null;
  }
}

class FilePack implements CropPack {
  readonly name: string;
  readonly fingerprint: string;
  readonly size: number;
  readonly identities: readonly string[];
  readonly labels: Int32Array;
  readonly skipped: readonly Skipped[];
  readonly #file: FileHandle;

  constructor(index: Index, file: FileHandle) {
    this.name = index.name;
    this.fingerprint = index.sha256;
    this.size = index.size;
    this.identities = index.identities;
    this.labels = Int32Array.from(index.labels);
    this.skipped = index.skipped;
    this.#file = file;
  }

  async read(indices: readonly number[]): Promise<Uint8Array[]> {
    const bytes = this.size * this.size * 3;
    return Promise.all(
      indices.map(async (index) => {
        const crop = new Uint8Array(bytes);
        const { bytesRead } = await this.#file.read(crop, 0, bytes, index * bytes);
        if (bytesRead === bytes) return crop;
        throw new SafaceError('integrity', `Crop ${index} of ${this.name} is cut short`, 'Prepare the pictures again.');
      }),
    );
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
