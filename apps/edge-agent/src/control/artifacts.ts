import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentClient, Logger } from '@saface/agent-kit';
import { sha256Hex } from '@saface/agent-kit/hash';
import { type ArtifactRef, describeError, SafaceError, sha256Schema } from '@saface/core';
import type { Problems } from './problems.ts';
import { isIoError, type Vault } from './vault.ts';

export interface ArtifactStoreOptions {
  readonly client: Pick<AgentClient, 'downloadArtifact' | 'uploadArtifact'>;
  readonly vault: Vault;
  readonly dir: string;
  readonly log: Logger;
  readonly problems: Problems;
  /** Monotonic milliseconds; for tests. */
  readonly now?: () => number;
}

/** Milliseconds for which the control plane is trusted to have what was brought up: after a day it deletes what no version names. */
const UPLOAD_HOLDS = 3_600_000;

/**
 * Files by the hash of their contents: fetched once, checked, kept sealed on disk (enrolment crops are faces). What this edge made itself
 * waits under `uploads/` until the control plane has the version that names it.
 */
export class ArtifactStore {
  readonly #options: ArtifactStoreOptions;
  readonly #cacheDir: string;
  readonly #uploadDir: string;
  readonly #running = new Map<string, Promise<Uint8Array>>();
  /** When what waits was brought up. */
  readonly #uploaded = new Map<string, number>();

  constructor(options: ArtifactStoreOptions) {
    this.#options = options;
    this.#cacheDir = join(options.dir, 'artifacts');
    this.#uploadDir = join(options.dir, 'uploads');
  }

  /**
   * @throws SafaceError `integrity` when the bytes are not what the hash says, `unavailable` when the control plane is away and the file
   *   is not cached
   */
  async get(ref: ArtifactRef): Promise<Uint8Array> {
    const running = this.#running.get(ref.sha256);
    if (running) return running;
    const loading = this.#load(ref).finally(() => this.#running.delete(ref.sha256));
    this.#running.set(ref.sha256, loading);
    return loading;
  }

  async #load(ref: ArtifactRef): Promise<Uint8Array> {
    const { client, log, problems } = this.#options;
    const { sha256 } = ref;
    const cached =
      (await this.#readSealed(this.#cacheDir, sha256)) ?? (await this.#readSealed(this.#uploadDir, sha256));
    if (cached) return cached;
    let bytes: Uint8Array;
    try {
      bytes = await client.downloadArtifact(ref);
    } catch (error) {
      if (error instanceof SafaceError && error.code === 'integrity') {
        problems.set(`artifact:${sha256}`, describeError(error));
        log.error({ sha256, error: describeError(error) }, 'artifact refused');
      }
      throw error;
    }
    problems.clear(`artifact:${sha256}`);
    await this.#cache(sha256, bytes);
    return bytes;
  }

  /** Keeps bytes made here until they are `delivered`. */
  async add(bytes: Uint8Array): Promise<ArtifactRef> {
    const sha256 = sha256Hex(bytes);
    await this.#options.vault.writeFile(join(this.#uploadDir, sha256), bytes, contextOf(sha256));
    return { sha256, bytes: bytes.length };
  }

  /** How many files made here the control plane does not have yet. */
  async waiting(): Promise<number> {
    return (await this.#uploads()).filter(isHash).length;
  }

  /** Does nothing when it was uploaded just before, or was delivered. It stays here, as the version that names it may not come through. */
  async upload(sha256: string): Promise<void> {
    const { client, now = () => performance.now() } = this.#options;
    const last = this.#uploaded.get(sha256);
    if (last !== undefined && now() - last < UPLOAD_HOLDS) return;
    const bytes = await this.#readSealed(this.#uploadDir, sha256);
    if (!bytes) return;
    await client.uploadArtifact(bytes);
    this.#uploaded.set(sha256, now());
  }

  /** The version that names it was taken, or never will be. Never rejects: what cannot be put away goes with the next start. */
  async delivered(sha256: string): Promise<void> {
    this.#uploaded.delete(sha256);
    const waiting = join(this.#uploadDir, sha256);
    try {
      await mkdir(this.#cacheDir, { recursive: true, mode: 0o700 });
      await rename(waiting, join(this.#cacheDir, sha256));
    } catch (error) {
      // A crash repeats what was answered.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      this.#options.log.warn({ sha256, error: describeError(error) }, 'an artifact was not cached');
      await rm(waiting, { force: true }).catch(() => undefined);
    }
  }

  /**
   * Before anything is added or sent: deletes what a crash left half written, and what no version that waits names. One that a run is
   * about to name again comes from the run's own result.
   */
  async tidyUploads(named: (hashes: readonly string[]) => Promise<ReadonlySet<string>>): Promise<void> {
    const names = await this.#uploads();
    const hashes = names.filter(isHash);
    const waiting = hashes.length > 0 ? await named(hashes) : new Set();
    for (const name of names) if (!waiting.has(name)) await rm(join(this.#uploadDir, name), { force: true });
  }

  async #uploads(): Promise<string[]> {
    return readdir(this.#uploadDir).catch(() => []);
  }

  /** Deletes cached files that nothing refers to any more: the crops of an erased person leave the edge here. */
  async prune(keep: ReadonlySet<string>): Promise<number> {
    await mkdir(this.#cacheDir, { recursive: true, mode: 0o700 });
    const stale = (await readdir(this.#cacheDir)).filter((name) => !keep.has(name));
    for (const name of stale) await rm(join(this.#cacheDir, name), { force: true });
    return stale.length;
  }

  /** What cannot be kept here, as on a full disk, can be had again. */
  async #cache(sha256: string, bytes: Uint8Array): Promise<void> {
    const { vault, log } = this.#options;
    try {
      await vault.writeFile(join(this.#cacheDir, sha256), bytes, contextOf(sha256));
    } catch (error) {
      log.warn({ sha256, error: describeError(error) }, 'an artifact was not cached');
    }
  }

  async #readSealed(dir: string, sha256: string): Promise<Uint8Array | null> {
    try {
      return await this.#options.vault.readFile(join(dir, sha256), contextOf(sha256));
    } catch (error) {
      if (isIoError(error)) {
        // What waits for its upload exists nowhere else; what is cached can be had again, and is written over.
        if (dir === this.#uploadDir) throw error;
        return null;
      }
      // A damaged copy is worth nothing; the original can be had again.
      this.#options.log.warn(
        { sha256, error: describeError(error) },
        'damaged artifact in the cache, fetching it again',
      );
      await rm(join(dir, sha256), { force: true });
      return null;
    }
  }
}

/** The rest are files that are being written. */
const isHash = (name: string): boolean => sha256Schema.safeParse(name).success;

const contextOf = (sha256: string): string => `artifact/${sha256}`;
