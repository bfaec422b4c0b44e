import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '@saface/agent-kit/hash';
import { type ArtifactRef, SafaceError } from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { silent, testVault, tooManyFiles } from '../testing/fixtures.ts';
import { ArtifactStore } from './artifacts.ts';
import { Problems } from './problems.ts';
import type { Vault } from './vault.ts';

const bytes = new TextEncoder().encode('a face, or a model');
const ref: ArtifactRef = { sha256: sha256Hex(bytes), bytes: bytes.length };

describe('ArtifactStore', () => {
  let dir: string;
  let downloads: number;
  let uploaded: Uint8Array[];
  let answer: () => Uint8Array;
  let problems: Problems;
  let store: ArtifactStore;
  let vault: Vault;
  let now: number;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'saface-artifacts-'));
    vault = testVault();
    downloads = 0;
    now = 0;
    uploaded = [];
    answer = () => bytes;
    problems = new Problems();
    const client = {
      downloadArtifact: async () => {
        downloads += 1;
        return answer();
      },
      uploadArtifact: async (sent: Uint8Array) => {
        uploaded.push(sent);
        return { sha256: sha256Hex(sent), bytes: sent.length };
      },
    };
    store = new ArtifactStore({ client, vault, dir, log: silent, problems, now: () => now });
  });

  it('fetches once, also when asked twice at the same time, and keeps it sealed', async () => {
    const [a, b] = await Promise.all([store.get(ref), store.get(ref)]);
    expect([...a]).toEqual([...bytes]);
    expect(b).toBe(a);
    await store.get(ref);
    expect(downloads).toBe(1);
    const [name] = await readdir(join(dir, 'artifacts'));
    expect((await readFile(join(dir, 'artifacts', name!))).toString('latin1')).not.toContain('face');
  });

  it('refuses bytes with another hash, says so, and keeps nothing of them', async () => {
    answer = () => {
      throw new SafaceError('integrity', 'arrived with other bytes', 'Upload it again.');
    };
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'integrity' });
    expect(problems.list()).toEqual([expect.stringContaining('other bytes')]);
    await expect(readdir(join(dir, 'artifacts'))).rejects.toThrow();
    answer = () => bytes;
    await store.get(ref);
    expect(problems.list()).toEqual([]);
  });

  it('fetches a damaged copy again', async () => {
    await store.get(ref);
    await writeFile(join(dir, 'artifacts', ref.sha256), 'damaged');
    expect([...(await store.get(ref))]).toEqual([...bytes]);
    expect(downloads).toBe(2);
  });

  it('brings up what was made here, once, and has it afterwards without a download', async () => {
    const made = await store.add(bytes);
    expect(made).toEqual(ref);
    expect([...(await store.get(made))]).toEqual([...bytes]);
    await store.upload(made.sha256);
    await store.upload(made.sha256);
    expect(uploaded).toHaveLength(1);
    await store.delivered(made.sha256);
    await store.delivered(made.sha256);
    expect(await store.waiting()).toBe(0);
    await store.upload(made.sha256);
    expect(uploaded).toHaveLength(1);
    expect([...(await store.get(made))]).toEqual([...bytes]);
    expect(downloads).toBe(0);
  });

  it('deletes what the configuration no longer names, but nothing that waits for its upload', async () => {
    await store.get(ref);
    const waiting = await store.add(new TextEncoder().encode('a new version'));
    expect(await store.prune(new Set())).toBe(1);
    await store.get(ref);
    expect(downloads).toBe(2);
    await store.upload(waiting.sha256);
    expect(uploaded).toHaveLength(1);
  });

  it('brings it up again when the version that names it has not come through for long', async () => {
    const made = await store.add(bytes);
    await store.upload(made.sha256);
    expect(await store.waiting()).toBe(1);
    now = 24 * 3_600_000;
    await store.upload(made.sha256);
    expect(uploaded).toHaveLength(2);
  });

  it('deletes what no waiting version names and what was half written, and counts neither', async () => {
    const waiting = await store.add(bytes);
    await store.add(new TextEncoder().encode('of a version that was put aside'));
    await writeFile(join(dir, 'uploads', `${waiting.sha256}.7.0a1b2c3d.tmp`), 'half');
    expect(await store.waiting()).toBe(2);
    await expect(store.tidyUploads(() => Promise.reject(new Error('Redis is away')))).rejects.toThrow('away');
    await store.tidyUploads(async () => new Set([waiting.sha256]));
    expect(await readdir(join(dir, 'uploads'))).toEqual([waiting.sha256]);
  });

  it('counts a version as delivered, and a download as had, though the disk has no room to cache them', async () => {
    const made = await store.add(bytes);
    await writeFile(join(dir, 'artifacts'), 'a file where the folder should be: every write fails');
    await store.upload(made.sha256);
    expect(uploaded).toHaveLength(1);
    await store.delivered(made.sha256);
    expect(await readdir(join(dir, 'uploads'))).toEqual([]);
    expect([...(await store.get(ref))]).toEqual([...bytes]);
  });

  it('keeps what waits for its upload when the disk does not give it', async () => {
    const made = await store.add(bytes);
    const read = vault.readFile.bind(vault);
    vault.readFile = () => Promise.reject(tooManyFiles());
    await expect(store.upload(made.sha256)).rejects.toThrow('EMFILE');
    vault.readFile = read;
    await store.upload(made.sha256);
    expect(uploaded).toHaveLength(1);
  });
});
