import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError, SafaceError } from '@saface/core';

/** Layout of a sealed file: `SFS1`, 12-byte nonce, 16-byte tag, ciphertext (AES-256-GCM). */
const magic = Buffer.from('SFS1');
const nonceBytes = 12;
const tagBytes = 16;

/** Key of this machine: 32 raw bytes, or 64 hex digits, in a file that only its owner reads. Null when no file is named. */
export async function loadKeyFile(path: string | undefined): Promise<Buffer | null> {
  if (path === undefined) return null;
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new SafaceError(
      'not-found',
      `The key file ${path} cannot be read (${describeError(cause)})`,
      'Set SAFACE_KEY_FILE to a file of 32 random bytes with mode 0600, or leave it unset.',
    );
  });
  if (bytes.length === 32) return bytes;
  const text = bytes.toString('latin1').trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  throw new SafaceError(
    'invalid-input',
    `The key file ${path} holds ${bytes.length} bytes`,
    'A key is 32 bytes, raw or as 64 hex digits: `head -c 32 /dev/urandom > <file>`.',
  );
}

/**
 * Without a key the bytes stay as they are. `context` says what they are (a path, an id): it is authenticated, so that one sealed thing
 * cannot be passed off as another.
 */
export function seal(bytes: Uint8Array, key: Buffer | null, context = ''): Uint8Array {
  if (key === null) return bytes;
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([magic, nonce, cipher.getAuthTag(), body]);
}

/** Bytes between two turns of other work: some milliseconds. */
const TURN = 4 << 20;

/** `seal` for what is large: hundreds of megabytes in one piece would hold up all other work of this thread for a second and more. */
export async function sealInTurns(bytes: Uint8Array, key: Buffer, context = ''): Promise<Uint8Array> {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const start = magic.length + nonceBytes + tagBytes;
  const sealed = Buffer.allocUnsafe(start + bytes.length);
  for (let at = 0; at < bytes.length; at += TURN) {
    sealed.set(cipher.update(bytes.subarray(at, at + TURN)), start + at);
    if (at + TURN < bytes.length) await new Promise((resolve) => setImmediate(resolve));
  }
  cipher.final();
  sealed.set(magic);
  sealed.set(nonce, magic.length);
  sealed.set(cipher.getAuthTag(), magic.length + nonceBytes);
  return sealed;
}

export const isSealed = (bytes: Uint8Array): boolean => magic.equals(bytes.subarray(0, magic.length));

/**
 * Reads both sealed and plain bytes. Throws `integrity` when the key is missing or wrong, the bytes were changed, or they were sealed
 * for another `context`. `name` is for the message.
 */
export function unseal(bytes: Uint8Array, key: Buffer | null, name = 'file', context = ''): Uint8Array {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isSealed(data)) return bytes;
  if (key === null) {
    throw new SafaceError('integrity', `${name} is encrypted`, 'Set SAFACE_KEY_FILE to the key it was written with.');
  }
  try {
    const nonce = data.subarray(magic.length, magic.length + nonceBytes);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
    decipher.setAuthTag(data.subarray(magic.length + nonceBytes, magic.length + nonceBytes + tagBytes));
    const body = data.subarray(magic.length + nonceBytes + tagBytes);
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch (cause) {
    throw new SafaceError(
      'integrity',
      `${name} cannot be decrypted`,
      'Set SAFACE_KEY_FILE to the key it was written with, or delete the file.',
      { cause },
    );
  }
}

/** Writes so that after a crash there is either the old file or the new one, never half of it. */
export async function writeFileSafely(path: string, bytes: Uint8Array | string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** JSON of `value`, sealed when there is a key; mode 0600. */
export async function writeSealedJson(path: string, value: unknown, key: Buffer | null): Promise<void> {
  await writeFileSafely(path, seal(Buffer.from(JSON.stringify(value)), key));
}

/** Null when there is no such file. Throws `integrity` when it is not sealed JSON of this key. The caller validates the value. */
export async function readSealedJson(path: string, key: Buffer | null): Promise<unknown> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (bytes === null) return null;
  const text = Buffer.from(unseal(bytes, key, path)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new SafaceError('integrity', `${path} is not JSON`, 'Delete the file; it is written anew.', { cause });
  }
}
