import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSealed, loadKeyFile, seal, unseal, writeFileSafely } from '@saface/agent-kit';
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
      await writeFileSafely(path, this.seal(plain, context));
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

/** Opens the key file (32 raw bytes, or 64 hex digits); makes one with mode 0600 when there is none. */
export async function openVault(keyFile: string): Promise<Vault> {
  const mode = await stat(keyFile).then(
    (found) => found.mode,
    () => null,
  );
  if (mode === null) await createKey(keyFile);
  else if ((mode & 0o077) !== 0) await chmod(keyFile, 0o600);
  const key = await loadKeyFile(keyFile);
  if (!key) throw new SafaceError('invalid-input', 'There is no key file', 'Set SAFACE_KEY_FILE.');
  return new Vault(key);
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
