import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { ArtifactRef } from '@saface/core';
import type { AgentClient } from './agent-client.ts';
import { writeFileSafely } from './sealed-file.ts';

/** Artifacts as files named by their sha256. Whatever is returned was checked against the hash in this process. */
export class ArtifactCache {
  readonly #directory: string;
  readonly #client: Pick<AgentClient, 'downloadArtifact'>;
  readonly #checked = new Set<string>();
  readonly #running = new Map<string, Promise<string>>();

  constructor(directory: string, client: Pick<AgentClient, 'downloadArtifact'>) {
    this.#directory = directory;
    this.#client = client;
  }

  path(sha256: string): string {
    return join(this.#directory, sha256);
  }

  /** Path of the file; downloads it when it is absent or damaged. Throws `unavailable`, `integrity`, `not-found`. */
  fetch(artifact: ArtifactRef, signal?: AbortSignal): Promise<string> {
    const running = this.#running.get(artifact.sha256);
    if (running) return running;
    const started = this.#fetch(artifact, signal).finally(() => this.#running.delete(artifact.sha256));
    this.#running.set(artifact.sha256, started);
    return started;
  }

  /** Deletes every file that is not listed, also left-overs of crashed writes. */
  async keepOnly(sha256s: Iterable<string>): Promise<void> {
    const kept = new Set(sha256s);
    const names = await readdir(this.#directory).catch(() => []);
    for (const name of names) {
      if (kept.has(name) || this.#running.has(name.slice(0, 64))) continue;
      this.#checked.delete(name);
      await rm(join(this.#directory, name), { force: true });
    }
  }

  async #fetch(artifact: ArtifactRef, signal?: AbortSignal): Promise<string> {
    const path = this.path(artifact.sha256);
    if (await this.#isSound(path, artifact)) return path;
    const bytes = await this.#client.downloadArtifact(artifact, signal);
    await mkdir(this.#directory, { recursive: true });
    await writeFileSafely(path, bytes);
    this.#checked.add(artifact.sha256);
    return path;
  }

  async #isSound(path: string, artifact: ArtifactRef): Promise<boolean> {
    const found = await stat(path).catch(() => null);
    if (found?.size !== artifact.bytes) return false;
    if (this.#checked.has(artifact.sha256)) return true;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    if (hash.digest('hex') !== artifact.sha256) return false;
    this.#checked.add(artifact.sha256);
    return true;
  }
}
