import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
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
    const path = join(await mkdtemp(join(tmpdir(), 'saface-key-')), 'keys', 'edge.key');
    const [a, b] = await Promise.all([openVault(path), openVault(path)]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(b.open(a.seal(text, 'x'), 'x')).toEqual(text);
    expect((await openVault(path)).open(a.seal(text, 'x'), 'x')).toEqual(text);
    expect(await readFile(path)).toHaveLength(32);
  });

  it('names a key file that is none', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'saface-key-')), 'edge.key');
    await writeFile(path, 'short');
    await expect(openVault(path)).rejects.toThrow(path);
  });
});
