import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeJpeg } from '@saface/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readGalleryFolder } from './gallery-folder.ts';
import { bodies, extractor } from './testing.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-gallery-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = () => readGalleryFolder(folder, { spec: bodies, extractor });

/** Sharp enough to be enrolled. */
function picture(): Promise<Uint8Array> {
  const data = Uint8Array.from({ length: 128 * 128 * 3 }, (_, i) => ((i * 2654435761) >>> 8) & 255);
  return encodeJpeg({ width: 128, height: 128, data });
}

async function person(name: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  await mkdir(join(folder, name));
  for (const [file, contents] of Object.entries(files)) await writeFile(join(folder, name, file), contents);
}

it('passes over what is no picture, and in silence what an operating system left there', async () => {
  const whole = await picture();
  const left = { 'Thumbs.db': 'x', 'DESKTOP.INI': 'x', '.DS_Store': 'x', '._a.jpg': 'x' };
  await person('ana', { 'a.jpg': whole, b: whole, 'README.txt': 'Ana', 'list.csv': '', ...left });
  const { people, pictures, refused, passedOver } = await read();
  expect({ people, refused }).toEqual({ people: ['ana'], refused: [] });
  expect(pictures.map(({ file }) => file)).toEqual(['a.jpg', 'b'].map((name) => join(folder, 'ana', name)));
  expect(passedOver).toEqual(['list.csv', 'README.txt'].map((name) => join(folder, 'ana', name)));
});

it('refuses a damaged picture, by its name or by how it begins', async () => {
  const whole = await picture();
  const files = { 'a.jpg': whole, 'b.png': 'no picture', 'c.jpg': '', d: whole.subarray(0, 300), 'e.heic': 'ftypheic' };
  await person('ana', files);
  const { refused, passedOver } = await read();
  expect(refused.map(({ file, kind }) => [file, kind])).toEqual(
    ['b.png', 'c.jpg', 'd', 'e.heic'].map((name) => [join(folder, 'ana', name), 'unreadable']),
  );
  expect(passedOver).toEqual([]);
});

it.skipIf(process.platform !== 'linux')('refuses a file that opens and cannot be read', async () => {
  await person('ana', { 'a.jpg': await picture() });
  await symlink('/proc/self/mem', join(folder, 'ana', 'b'));
  const { refused, passedOver } = await read();
  expect(refused).toMatchObject([{ file: join(folder, 'ana', 'b'), kind: 'unreadable' }]);
  expect(passedOver).toEqual([]);
});

it('says what there was where nobody could be enrolled', async () => {
  await person('ana', { 'list.txt': 'Ana', 'Thumbs.db': 'x' });
  await expect(read()).rejects.toThrow(/Nobody in .* could be enrolled \(".*list\.txt" is not a picture\)/);
});
