import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSealed, loadKeyFile, seal, sealInTurns, unseal, writeFileSafely } from '@saface/agent-kit';
import { SafaceError } from '@saface/core';

/**
 * Encryption at rest (AES-256-GCM) of everything on an edge that could show a person: crops, templates, tracks, events waiting to be sent.
 * Other than elsewhere a key is a must here, and every sealed thing is bound to its context, a path or an id.
 */
export class Vault {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    this.#key = key;
  }

  seal(plain: Uint8Array, context: string): Buffer {
    return bufferOf(seal(plain, this.#key, context));
  }

  /** @throws SafaceError `integrity` when the bytes are plain, were changed, cut, sealed for another context or with another key */
  open(sealed: Uint8Array, context: string): Buffer {
    if (!isSealed(sealed))
      throw new SafaceError(
        'integrity',
        `"${context}" is not encrypted by this edge`,
        'Delete the file to start over.',
      );
    return bufferOf(unseal(sealed, this.#key, `"${context}"`, context));
  }

  /** Written whole or not at all: a process killed in between leaves the old file. */
  async writeFile(path: string, plain: Uint8Array, context: string): Promise<void> {
    try {
      await writeFileSafely(path, await sealInTurns(plain, this.#key, context));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOSPC') throw cause;
      const remedy = 'Free some space on the disk of SAFACE_EDGE_DIR.';
      throw new SafaceError('exhausted', `The disk is full: ${path} was not written`, remedy, { cause });
    }
  }

  /** Null when there is no such file. */
  async readFile(path: string, context: string): Promise<Buffer | null> {
    const sealed = await readIfExists(path);
    return sealed && this.open(sealed, context);
  }
}

/** Sealed with the key of everything else: another key shows at the start, before it could take what it cannot read for damaged. */
const CHECK = 'key-check';

/**
 * Opens the key file (32 raw bytes, or 64 hex digits) of the data below `dir`; makes one with mode 0600 when there is neither.
 *
 * @throws SafaceError `not-found` when the data is there but its key is not, `invalid-input` when it was sealed with another key
 */
export async function openVault(keyFile: string, dir: string): Promise<Vault> {
  const mode = await modeOf(keyFile);
  if (mode === null) {
    // The second look is for another process that has made both since the first.
    if ((await holdsSealed(dir)) && (await modeOf(keyFile)) === null)
      throw new SafaceError('not-found', `The key file ${keyFile} of the data in ${dir} is missing`, remedyFor(dir));
    await createKey(keyFile);
  } else if ((mode & 0o077) !== 0) await chmod(keyFile, 0o600);
  const vault = await loadVault(keyFile);
  const check = join(dir, CHECK);
  try {
    // Where the disk is full the next start writes it.
    if (!(await vault.readFile(check, CHECK)))
      await vault.writeFile(check, Buffer.from(CHECK), CHECK).catch(() => undefined);
  } catch (cause) {
    if (!(cause instanceof SafaceError && cause.code === 'integrity')) throw cause;
    const what = `The key in ${keyFile} is not the one that the data in ${dir} was encrypted with`;
    throw new SafaceError('invalid-input', what, remedyFor(dir), { cause });
  }
  return vault;
}

/** For a process that reads what another one has sealed: it makes no key. */
export async function loadVault(keyFile: string): Promise<Vault> {
  const key = await loadKeyFile(keyFile);
  if (!key) throw new SafaceError('invalid-input', 'There is no key file', 'Set SAFACE_KEY_FILE.');
  return new Vault(key);
}

/** Of `writeFile`: there was no room. Nothing is wrong with what was to be written. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof SafaceError &&
  error.code === 'exhausted' &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ENOSPC';

/** The disk or the process was at its limits (EIO, EMFILE, EACCES): the file itself may be sound, and must not be deleted. */
export const isIoError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

const remedyFor = (dir: string): string =>
  `Put the key file back (SAFACE_KEY_FILE names it); only to start over without what was learnt and not yet sent, move ${dir} away.`;

async function modeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mode;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function holdsSealed(dir: string): Promise<boolean> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries)
    if (entry.isFile() && (await startsSealed(join(entry.parentPath, entry.name)))) return true;
  return false;
}

async function startsSealed(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return isSealed(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

async function createKey(keyFile: string): Promise<void> {
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 });
  const draft = `${keyFile}.${process.pid}.${randomBytes(4).toString('hex')}`;
  await writeFile(draft, randomBytes(32), { mode: 0o600 });
  try {
    // link fails when another process was faster, so two starting agents never end up with two keys.
    await link(draft, keyFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

export async function readIfExists(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
