import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seal, unseal, writeFileSafely } from '@saface/agent-kit/sealed-file';
import { type ArtifactRef, SafaceError } from '@saface/core';
import type { Db } from './client.ts';
import { referencedArtifacts, saveArtifactRow } from './repositories/artifacts.ts';

/** The largest model that is taken in; pictures have their own, smaller limits at their doors. */
export const MAX_ARTIFACT_BYTES = 512 * 1024 * 1024;

/** A scenario that is deleted lets go of tens of thousands. */
const RELEASED_AT_ONCE = 100;

/**
 * Files named by the sha256 of their plain bytes, sealed with AES-256-GCM on disk. The file is written before its row, so
 * a row always has its file; a file without a row is swept by the retention job.
 */
export interface ArtifactStore {
  put(db: Db, bytes: Uint8Array): Promise<ArtifactRef>;
  /** Throws `not-found` when there is none and `integrity` when the bytes are no longer what their name says. */
  read(sha256: string): Promise<Uint8Array>;
  /** Deletes those of `sha256s` that no row needs any more; returns how many files went. */
  release(db: Db, sha256s: readonly (string | null)[]): Promise<number>;
  pathOf(sha256: string): string;
  readonly folder: string;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function createArtifactStore(home: string, key: Buffer): ArtifactStore {
  const folder = join(home, 'artifacts');
  const pathOf = (sha256: string) => join(folder, sha256.slice(0, 2), sha256);
  return {
    folder,
    pathOf,
    async put(db, bytes) {
      const ref = { sha256: sha256Of(bytes), bytes: bytes.length };
      await writeFileSafely(pathOf(ref.sha256), seal(bytes, key));
      await saveArtifactRow(db, ref);
      return ref;
    },
    async read(sha256) {
      const sealed = await readFile(pathOf(sha256)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
        throw new SafaceError('not-found', `Artifact ${sha256.slice(0, 12)} is not in the store`, 'Upload it again.');
      });
      const bytes = unseal(sealed, key, `artifact ${sha256.slice(0, 12)}`);
      if (sha256Of(bytes) !== sha256)
        throw new SafaceError(
          'integrity',
          `Artifact ${sha256.slice(0, 12)} is not what its hash says`,
          'Restore the artifact store from a backup, or upload the file again.',
        );
      return bytes;
    },
    async release(db, sha256s) {
      let released = 0;
      const named = [...new Set(sha256s)].filter((sha256) => sha256 !== null);
      for (let from = 0; from < named.length; from += RELEASED_AT_ONCE) {
        const some = named.slice(from, from + RELEASED_AT_ONCE);
        const needed = await referencedArtifacts(db, some);
        const free = some.filter((sha256) => !needed.has(sha256));
        await db.artifact.deleteMany({ where: { sha256: { in: free } } });
        for (const sha256 of free) await rm(pathOf(sha256), { force: true });
        released += free.length;
      }
      return released;
    },
  };
}
