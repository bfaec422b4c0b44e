import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Resident memory of a process in bytes; 0 when it is gone. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
}

export interface FolderSize {
  readonly bytes: number;
  readonly files: number;
}

/** Everything below a folder. Files come and go while it is looked at: those that are gone count nothing. */
export async function folderSize(dir: string): Promise<FolderSize> {
  let bytes = 0;
  let files = 0;
  for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      const inner = await folderSize(path);
      bytes += inner.bytes;
      files += inner.files;
    } else {
      bytes += await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
      files += 1;
    }
  }
  return { bytes, files };
}
