import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listVisible } from './list-visible.ts';

it('follows links, and leaves out what is hidden, gone or of another kind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'saface-visible-'));
  try {
    await mkdir(join(folder, 'ana'));
    await mkdir(join(folder, '.trash'));
    await writeFile(join(folder, '1.jpg'), '');
    await writeFile(join(folder, '.hidden.jpg'), '');
    await symlink(join(folder, 'ana'), join(folder, 'bo'));
    await symlink(join(folder, '1.jpg'), join(folder, '2.jpg'));
    await symlink(join(folder, 'none'), join(folder, 'gone'));
    expect((await listVisible(folder, 'folders')).sort()).toEqual(['ana', 'bo']);
    expect((await listVisible(folder, 'files')).sort()).toEqual(['1.jpg', '2.jpg']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
