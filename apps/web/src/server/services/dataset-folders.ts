import { readdir, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { SafaceError } from '@saface/core';

/** Names of the folders below the root, for a person to choose from; none when the root does not exist. */
export async function listDatasetFolders(root: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
}

/**
 * The real path of a folder below `root`. Neither `..` nor a link leads out of it.
 *
 * @throws SafaceError `invalid-input` for a path that leads elsewhere, `not-found` when there is no such folder
 */
export async function datasetFolder(root: string, folder: string): Promise<string> {
  const outside = () =>
    new SafaceError(
      'invalid-input',
      `"${folder}" is not a folder below the root of the data sets`,
      'Give a path below the configured root, without "..".',
    );
  const wanted = resolve(root, folder);
  if (isAbsolute(folder) || folder.includes('\0') || !isBelow(root, wanted)) throw outside();
  const [realRoot, real] = await Promise.all([realpath(root), realpath(wanted)]).catch((cause: unknown) => {
    throw new SafaceError('not-found', `There is no folder "${folder}" for pre-training`, 'Copy it there first.', {
      cause,
    });
  });
  if (!isBelow(realRoot, real)) throw outside();
  return real;
}

function isBelow(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
