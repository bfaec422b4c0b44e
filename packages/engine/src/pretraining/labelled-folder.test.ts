import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodePng } from '../faces/image.ts';
import { splitByIdentity } from './dataset.ts';
import { ensureLabelledFolder } from './labelled-folder.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'saface-folder-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const options = () => ({ cacheDir: join(dir, 'cache'), modelsDir: join(dir, 'no-models'), size: 48 });

/** A folder of crops, as public data sets come: each person has one colour. */
async function people(counts: Readonly<Record<string, number>>): Promise<string> {
  const root = join(dir, 'people');
  for (const [at, [name, count]] of Object.entries(counts).entries()) {
    await mkdir(join(root, name), { recursive: true });
    for (let picture = 0; picture < count; picture++) {
      const data = new Uint8Array(112 * 112 * 3).fill(40 * at + picture);
      await writeFile(join(root, name, `${picture}.png`), await encodePng({ width: 112, height: 112, data }));
    }
  }
  return root;
}

describe('a labelled folder', () => {
  it('becomes crops of the wanted size with their people, once', async () => {
    const root = await people({ ana: 2, bo: 3 });
    const prepared: number[] = [];
    const open = () => ensureLabelledFolder(root, { ...options(), onPerson: (done) => prepared.push(done) });
    const pack = await open();
    expect(pack.identities).toEqual(['ana', 'bo']);
    expect([...pack.labels]).toEqual([0, 0, 1, 1, 1]);
    const [crop] = await pack.read([3]);
    expect(crop).toEqual(new Uint8Array(48 * 48 * 3).fill(41));
    await pack.close();
    const again = await open();
    expect(again.fingerprint).toBe(pack.fingerprint);
    expect(prepared).toEqual([1, 2]);
    await again.close();
    await utimes(join(root, 'ana', '0.png'), 1, 1);
    await (await open()).close();
    expect(prepared).toHaveLength(4);
  });

  it('leaves out what cannot be used and says why', async () => {
    const root = await people({ ana: 2, bo: 2, cy: 2, di: 2, empty: 0 });
    await writeFile(join(root, 'ana', 'notes.txt'), 'not a picture');
    await writeFile(
      join(root, 'bo', 'broken.png'),
      (await encodePng({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) })).subarray(0, 60),
    );
    await writeFile(join(root, 'bo', 'nothing.jpg'), '');
    await mkdir(join(root, '.thumbnails'));
    const pack = await ensureLabelledFolder(root, options());
    expect(pack.identities).toEqual(['ana', 'bo', 'cy', 'di']);
    expect(pack.labels).toHaveLength(8);
    expect(
      pack.skipped.map(({ file, reason }) => `${file.replace(`${root}/`, '')}: ${reason.replace(/^".*?" /, '')}`),
    ).toEqual([
      'ana/notes.txt: is not a picture in a format we read',
      expect.stringMatching(/^bo\/broken\.png: /),
      'bo/nothing.jpg: is empty (0 bytes)',
      'empty/: the folder is empty',
    ]);
    const { training, heldOut } = splitByIdentity(pack, 0.5, 1);
    expect([training.identities, heldOut.identities]).toEqual([2, 2]);
    expect(new Set([...training.indices, ...heldOut.indices]).size).toBe(8);
    await pack.close();
  });

  it('of one person, or of nobody, is refused with what to do', async () => {
    const pack = await ensureLabelledFolder(await people({ ana: 5 }), options());
    expect(() => splitByIdentity(pack, 0.2, 1)).toThrow(/has pictures of one person/);
    await pack.close();
    await cp(join(dir, 'people', 'ana'), join(dir, 'flat'), { recursive: true });
    await expect(ensureLabelledFolder(join(dir, 'flat'), options())).rejects.toThrow(/no folder for each person/);
    await expect(ensureLabelledFolder(join(dir, 'nowhere'), options())).rejects.toMatchObject({ code: 'not-found' });
  });

  it('stops when it is told to and leaves nothing half-made behind', async () => {
    const root = await people({ ana: 2, bo: 2 });
    const stop = new AbortController();
    const stopped = ensureLabelledFolder(root, {
      ...options(),
      signal: stop.signal,
      onPerson: () => stop.abort(new Error('enough')),
    });
    await expect(stopped).rejects.toThrow('enough');
    const pack = await ensureLabelledFolder(root, options());
    expect(pack.labels).toHaveLength(4);
    await pack.close();
  });
});
