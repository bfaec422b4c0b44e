import { mkdtemp, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { testVault } from '../testing/fixtures.ts';
import { openVault } from './vault.ts';

const text = Buffer.from('a crop of a face');

describe('Vault', () => {
  it('opens what it sealed, and nothing that was changed, cut, moved, sealed by another or not sealed at all', () => {
    const vault = testVault();
    const sealed = vault.seal(text, 'track/1');
    expect(vault.open(sealed, 'track/1')).toEqual(text);
    expect(sealed.includes(text)).toBe(false);
    const changed = Buffer.from(sealed);
    changed[changed.length - 1]! ^= 1;
    const attempts: (() => unknown)[] = [
      () => vault.open(changed, 'track/1'),
      () => vault.open(sealed.subarray(0, 20), 'track/1'),
      () => vault.open(sealed, 'track/2'),
      () => testVault().open(sealed, 'track/1'),
      () => vault.open(text, 'track/1'),
    ];
    for (const attempt of attempts) expect(attempt).toThrow(SafaceError);
  });

  it('makes a key file of 0600 once, whoever asks at the same time', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'saface-key-'));
    const path = join(dir, 'keys', 'edge.key');
    const [a, b] = await Promise.all([openVault(path, dir), openVault(path, dir)]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(b.open(a.seal(text, 'x'), 'x')).toEqual(text);
    expect((await openVault(path, dir)).open(a.seal(text, 'x'), 'x')).toEqual(text);
    expect(await readFile(path)).toHaveLength(32);
  });

  it('names a key file that is none', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'saface-key-'));
    const path = join(dir, 'edge.key');
    await writeFile(path, 'short');
    await expect(openVault(path, dir)).rejects.toThrow(path);
  });

  it('refuses to start with a new key, or another one, beside data of the old one', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'saface-key-'));
    const path = join(dir, 'key');
    const track = join(dir, 'tracks', 'scenario', 'track');
    await (await openVault(path, dir)).writeFile(track, text, 'track/1');
    await rename(path, `${path}.aside`);
    await expect(openVault(path, dir)).rejects.toMatchObject({
      code: 'not-found',
      remedy: expect.stringContaining(dir),
    });
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await writeFile(path, Buffer.alloc(32, 7));
    await expect(openVault(path, dir)).rejects.toThrow('is not the one that the data');
    await rename(`${path}.aside`, path);
    expect(await (await openVault(path, dir)).readFile(track, 'track/1')).toEqual(text);
  });
});
