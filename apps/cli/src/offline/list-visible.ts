import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Names of the files or folders in a folder, links to such included: people's collections are often put together of links. */
export async function listVisible(folder: string, kind: 'files' | 'folders'): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  const fits = await Promise.all(
    names.map(async (name) => {
      // A link may lead nowhere.
      const found = await stat(join(folder, name)).catch(() => null);
      return kind === 'files' ? found?.isFile() : found?.isDirectory();
    }),
  );
  return names.filter((_, at) => fits[at]);
}
