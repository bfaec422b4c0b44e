import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { datasetFolder, listDatasetFolders } from './dataset-folders.ts';

describe('folders for pre-training', () => {
  let root: string;
  beforeAll(async () => {
    const home = await mkdtemp(join(tmpdir(), 'saface-datasets-'));
    root = join(home, 'datasets');
    await mkdir(join(root, 'faces/deep'), { recursive: true });
    await mkdir(join(home, 'datasets-of-others'));
    await mkdir(join(root, '.hidden'));
    await writeFile(join(root, 'file'), '');
    await symlink('/etc', join(root, 'way-out'));
  });

  it('are listed by name, and none when there is no root', async () => {
    expect(await listDatasetFolders(root)).toEqual(['faces']);
    expect(await listDatasetFolders(join(root, 'nowhere'))).toEqual([]);
  });

  it('are found below the root', async () => {
    expect(await datasetFolder(root, 'faces')).toMatch(/datasets\/faces$/);
    expect(await datasetFolder(root, 'faces/../faces/deep')).toMatch(/faces\/deep$/);
  });

  it.each(['..', '../datasets-of-others', 'faces/../..', '/etc', '.', '', 'way-out', 'faces\0'])(
    '%j is refused',
    async (folder) => {
      await expect(datasetFolder(root, folder)).rejects.toThrow('not a folder below');
    },
  );

  it('says which folder is missing', async () => {
    await expect(datasetFolder(root, 'nobody')).rejects.toThrow('no folder "nobody"');
  });
});
