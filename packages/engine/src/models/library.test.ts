import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { faceApiRecogniser } from './face-api/recogniser.ts';
import { ModelLibrary } from './library.ts';

let folder: string;
let library: ModelLibrary;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-library-'));
  library = new ModelLibrary(join(folder, 'library'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const onnx = Uint8Array.of(1, 2, 3);
const recogniser = { name: 'small', kind: 'recogniser', onnx, spec: { ...faceApiRecogniser, name: 'small' } } as const;

describe('ModelLibrary', () => {
  it('is empty before the first model, and says how to fill it', async () => {
    expect(await library.list()).toEqual([]);
    await expect(library.get('small')).rejects.toMatchObject({ code: 'not-found', remedy: /empty/ });
  });

  it('keeps a model with its description, and leaves no temporary folders', async () => {
    const added = await library.add({ ...recogniser, licence: 'MIT', figures: { lfw: 0.99 } });
    expect(added).toMatchObject({ bytes: 3, licence: 'MIT', source: null, figures: { lfw: 0.99 } });
    expect(await library.get('small')).toEqual(added);
    expect(await library.list()).toEqual([added]);
    const unknown = { licence: undefined, source: undefined, figures: undefined };
    await library.add({ ...recogniser, ...unknown, onnx: Uint8Array.of(4), replace: true });
    expect(await library.get('small')).toMatchObject({ bytes: 1, licence: null, source: null, figures: {} });
    expect(await readdir(join(folder, 'library'))).toEqual(['small']);
    await library.remove('small');
    expect(await readdir(join(folder, 'library'))).toEqual([]);
    await expect(library.remove('small')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses names that are taken, reserved or lead out of the folder', async () => {
    await library.add(recogniser);
    await expect(library.add(recogniser)).rejects.toMatchObject({ code: 'conflict' });
    for (const name of ['default', '../small', 'Small', ''])
      await expect(library.add({ ...recogniser, name })).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(library.get('../small')).rejects.toMatchObject({ code: 'not-found', remedy: /small/ });
  });

  it('notices a file that was changed, and can still remove it', async () => {
    const { path } = await library.add(recogniser);
    await writeFile(path, 'changed');
    await expect(library.get('small')).rejects.toMatchObject({ code: 'integrity' });
    await library.remove('small');
    expect(await library.list()).toEqual([]);
  });

  it('does not show what a killed process left behind', async () => {
    await mkdir(join(folder, 'library', '.small.1.tmp'), { recursive: true });
    await mkdir(join(folder, 'library', 'half'));
    expect(await library.list()).toEqual([]);
  });

  it('says which folder it cannot write', async () => {
    await writeFile(join(folder, 'library'), '');
    await expect(library.add(recogniser)).rejects.toMatchObject({ code: 'unavailable', message: /library/ });
  });
});
