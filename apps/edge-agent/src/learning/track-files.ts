import { createHash } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { boxSchema, idSchema, type RgbImage } from '@saface/core';
import { z } from 'zod';
import { isIoError, type Vault } from '../control/vault.ts';

/** One kept probe as it lies in memory and on disk. */
export interface HeldProbe {
  readonly trackKey: string;
  readonly stream: string;
  readonly trackId: number;
  readonly frame: number;
  /** By the camera's clock, which may be wrong; Unix epoch ms. */
  readonly time: number;
  /** By the edge's own. */
  readonly arrived: number;
  readonly quality: number;
  readonly box: z.infer<typeof boxSchema>;
  /** Features at the cut, half floats. */
  readonly features: Uint16Array;
  readonly picture: RgbImage;
}

const headerSchema = z.object({
  version: z.literal(1),
  trackKey: z.string(),
  stream: z.string(),
  trackId: z.number(),
  /** Hash and cut of the base model that made the features. */
  base: z.string(),
  identityId: idSchema.nullable(),
  sampleSize: z.number().int().positive(),
  pictureSize: z.number().int().positive(),
  probes: z.array(
    z.object({
      frame: z.number(),
      time: z.number(),
      // Not in files of before: taken as just now, which makes strangers look frequent rather than rare.
      arrived: z.number().optional(),
      quality: z.number(),
      box: boxSchema,
    }),
  ),
});

export interface TrackFile {
  readonly base: string;
  readonly identityId: string | null;
  readonly probes: readonly HeldProbe[];
}

/** Ended tracks of a scenario on disk, sealed, one file each: what an edge has gathered outlives its process. */
export class TrackFiles {
  readonly #dir: string;
  readonly #vault: Vault;

  constructor(dir: string, vault: Vault) {
    this.#dir = dir;
    this.#vault = vault;
  }

  async write(trackKey: string, { base, identityId, probes }: TrackFile): Promise<void> {
    const [first] = probes;
    if (!first) return;
    const header: z.infer<typeof headerSchema> = {
      version: 1,
      trackKey,
      stream: first.stream,
      trackId: first.trackId,
      base,
      identityId,
      sampleSize: first.features.length,
      pictureSize: first.picture.width,
      probes: probes.map(({ frame, time, arrived, quality, box }) => ({ frame, time, arrived, quality, box })),
    };
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    const bodies = probes.flatMap(({ features, picture }) => [bytesOf(features), bytesOf(picture.data)]);
    await this.#vault.writeFile(this.#path(trackKey), Buffer.concat([length, json, ...bodies]), contextOf(trackKey));
  }

  async remove(trackKey: string): Promise<void> {
    await rm(this.#path(trackKey), { force: true });
  }

  async clear(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** Every readable track; damaged files are deleted, as nothing else could be done with them. `onSkipped`: the disk did not give one. */
  async *readAll(onSkipped: (error: unknown) => void): AsyncGenerator<TrackFile> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    for (const name of (await readdir(this.#dir)).sort()) {
      const path = join(this.#dir, name);
      try {
        const track = await this.#read(path, name);
        if (track) yield track;
        else await rm(path, { force: true });
      } catch (error) {
        if (isIoError(error)) onSkipped(error);
        else await rm(path, { force: true });
      }
    }
  }

  async #read(path: string, name: string): Promise<TrackFile | null> {
    const bytes = await this.#vault.readFile(path, `track/${name}`);
    if (!bytes) return null;
    const start = 4 + bytes.readUInt32LE(0);
    const header = headerSchema.parse(JSON.parse(bytes.subarray(4, start).toString('utf8')));
    const { trackKey, stream, trackId, sampleSize, pictureSize } = header;
    const pictureBytes = pictureSize * pictureSize * 3;
    const stride = 2 * sampleSize + pictureBytes;
    if (bytes.length !== start + stride * header.probes.length) return null;
    const readAt = Date.now();
    const probes = header.probes.map((probe, i): HeldProbe => {
      const at = start + i * stride;
      const features = new Uint16Array(sampleSize);
      bytesOf(features).set(bytes.subarray(at, at + 2 * sampleSize));
      const data = new Uint8Array(bytes.subarray(at + 2 * sampleSize, at + stride));
      return {
        ...probe,
        arrived: probe.arrived ?? readAt,
        trackKey,
        stream,
        trackId,
        features,
        picture: { width: pictureSize, height: pictureSize, data },
      };
    });
    return { base: header.base, identityId: header.identityId, probes };
  }

  #path(trackKey: string): string {
    return join(this.#dir, nameOf(trackKey));
  }
}

const nameOf = (trackKey: string): string => createHash('sha256').update(trackKey).digest('hex').slice(0, 32);
const contextOf = (trackKey: string): string => `track/${nameOf(trackKey)}`;
const bytesOf = (view: Uint16Array | Uint8Array): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
