import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileSafely } from '@saface/agent-kit';
import { SafaceError } from '@saface/core';

const MAGIC = Buffer.from('SFV1');
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encryption at rest, AES-256-GCM, of everything on an edge that could show a person: crops, templates, tracks, events waiting to be
 * sent. Sealed bytes are `SFV1 | iv (12) | tag (16) | ciphertext`; `context` (a path, an id) is authenticated, so that one file cannot be
 * passed off as another.
 */
export class Vault {
  readonly #key: Buffer;

  constructor(key: Uint8Array) {
    if (key.length !== 32) throw badKey(`it has ${key.length} bytes`);
    this.#key = Buffer.from(key);
  }

  seal(plain: Uint8Array, context: string): Buffer {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(context));
    const body = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([MAGIC, iv, cipher.getAuthTag(), body]);
  }

  /** @throws SafaceError `integrity` when the bytes were changed, cut, sealed for another context or with another key */
  open(sealed: Uint8Array, context: string): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const start = MAGIC.length + IV_BYTES + TAG_BYTES;
    try {
      if (bytes.length < start || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('not a sealed file');
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(MAGIC.length, MAGIC.length + IV_BYTES))
        .setAAD(Buffer.from(context))
        .setAuthTag(bytes.subarray(MAGIC.length + IV_BYTES, start));
      return Buffer.concat([decipher.update(bytes.subarray(start)), decipher.final()]);
    } catch (cause) {
      throw new SafaceError(
        'integrity',
        `"${context}" cannot be decrypted`,
        'It was damaged, or sealed with another key: restore the key file (SAFACE_KEY_FILE), or delete the file to start over.',
        { cause },
      );
    }
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
  const existing = await readIfExists(keyFile);
  if (!existing) return createKey(keyFile);
  const mode = (await stat(keyFile)).mode & 0o077;
  if (mode !== 0) await chmod(keyFile, 0o600);
  const text = existing.toString('latin1').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return new Vault(Buffer.from(text, 'hex'));
  if (existing.length !== 32) throw badKey(`${keyFile} has ${existing.length} bytes`);
  return new Vault(existing);
}

async function createKey(keyFile: string): Promise<Vault> {
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
  return new Vault(await readFile(keyFile));
}

export async function readIfExists(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function badKey(what: string): SafaceError {
  return new SafaceError(
    'invalid-input',
    `The encryption key is not usable: ${what}`,
    'SAFACE_KEY_FILE must hold 32 random bytes (or 64 hex digits); make one with: head -c 32 /dev/urandom > key && chmod 600 key',
  );
}
