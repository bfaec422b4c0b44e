import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Backoff, sleep } from './backoff.ts';
import { loadKeyFile, readSealedJson, seal, sealInTurns, unseal, writeSealedJson } from './sealed-file.ts';

const key = Buffer.alloc(32, 1);
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-sealed-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('gives back what was sealed, and notices any changed byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, position) => {
      const sealed = seal(bytes, key);
      expect(Buffer.from(unseal(sealed, key))).toEqual(Buffer.from(bytes));
      const broken = Buffer.from(sealed);
      const at = 4 + (position % (broken.length - 4));
      broken[at] = broken[at]! ^ 1;
      expect(() => unseal(broken, key)).toThrow(/cannot be decrypted/);
    }),
  );
});

it('seals what is large in turns with other work, and the same way', async () => {
  const large = Buffer.alloc((9 << 20) + 5, 'face');
  let turns = 0;
  let sealing = true;
  const others = (async () => {
    for (; sealing; turns++) await new Promise((resolve) => setImmediate(resolve));
  })();
  for (const bytes of [large, Buffer.alloc(0)]) {
    const sealed = await sealInTurns(bytes, key, 'run/1');
    expect(bytes.equals(unseal(sealed, key, 'file', 'run/1'))).toBe(true);
    expect(() => unseal(sealed, key, 'file', 'run/2')).toThrow(/cannot be decrypted/);
  }
  sealing = false;
  await others;
  expect(turns).toBeGreaterThanOrEqual(2);
});

it('stores JSON that only the key opens, for the owner alone, without left-overs', async () => {
  const path = join(folder, 'config.json');
  await writeSealedJson(path, { secret: 'ingest-key' }, key);
  expect((await readFile(path)).includes('ingest-key')).toBe(false);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readSealedJson(path, key)).toEqual({ secret: 'ingest-key' });
  await expect(readSealedJson(path, Buffer.alloc(32, 2))).rejects.toThrow(/cannot be decrypted/);
  await expect(readSealedJson(path, null)).rejects.toThrow(/is encrypted/);
  expect(await readdir(folder)).toEqual(['config.json']);
  expect(await readSealedJson(join(folder, 'absent'), key)).toBeNull();
  await writeFile(path, '{"half":');
  await expect(readSealedJson(path, null)).rejects.toThrow(/is not JSON/);
});

it('reads keys as bytes or hex digits and names a bad one', async () => {
  const path = join(folder, 'key');
  await writeFile(path, key);
  expect(await loadKeyFile(path)).toEqual(key);
  await writeFile(path, `${key.toString('hex')}\n`);
  expect(await loadKeyFile(path)).toEqual(key);
  await writeFile(path, 'short');
  await expect(loadKeyFile(path)).rejects.toThrow(/holds 5 bytes/);
  await expect(loadKeyFile(join(folder, 'absent'))).rejects.toThrow(/cannot be read/);
  expect(await loadKeyFile(undefined)).toBeNull();
});

it('backs off within doubling windows up to the longest, and starts over after a reset', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (chance) => {
      const backoff = new Backoff({ first: 100, longest: 1000, random: () => chance });
      for (const window of [100, 200, 400, 800, 1000, 1000]) {
        const wait = backoff.next();
        expect(wait).toBeGreaterThanOrEqual(window / 2);
        expect(wait).toBeLessThanOrEqual(window);
      }
      backoff.reset();
      expect(backoff.next()).toBeLessThanOrEqual(100);
    }),
  );
});

it('wakes from sleep when told to', async () => {
  const abort = new AbortController();
  const sleeping = sleep(3_600_000, abort.signal);
  abort.abort();
  await sleeping;
});
