import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, SafaceError } from '@saface/core';

const BLOCK = 16;

/**
 * Any number of records of one size on disk: hours of video give more than memory holds. The file has no name once it is open, and its
 * key is never written: whatever ends the process, nothing of it can be found or read afterwards.
 */
export class SealedRecords {
  readonly #dir: string;
  readonly #file: FileHandle;
  readonly #bytes: number;
  readonly #key = randomBytes(32);
  /** Bytes from one record to the next: whole blocks of the cipher, so that any of them can be read alone. */
  readonly #stride: number;
  #size = 0;

  private constructor(dir: string, file: FileHandle, bytes: number) {
    this.#dir = dir;
    this.#file = file;
    this.#bytes = bytes;
    this.#stride = Math.ceil(bytes / BLOCK) * BLOCK;
  }

  /**
   * @param dir on whose disk it lies; made when it is missing
   * @param bytes of each record
   * @throws SafaceError `exhausted`
   */
  static async create(dir: string, bytes: number): Promise<SealedRecords> {
    const path = join(dir, `.records-${process.pid}-${randomBytes(4).toString('hex')}`);
    try {
      await mkdir(dir, { recursive: true });
      const file = await open(path, 'wx+', 0o600);
      await rm(path);
      return new SealedRecords(dir, file, bytes);
    } catch (cause) {
      throw notKept(dir, cause);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** @throws SafaceError `exhausted` when the disk is full */
  async add(records: readonly Uint8Array[]): Promise<void> {
    const plain = new Uint8Array(records.length * this.#stride);
    for (const [i, record] of records.entries()) {
      if (record.length !== this.#bytes) throw new RangeError(`A record of ${record.length} bytes, not ${this.#bytes}`);
      plain.set(record, i * this.#stride);
    }
    const at = this.#size * this.#stride;
    const sealed = createCipheriv('aes-256-ctr', this.#key, counterAt(at)).update(plain);
    try {
      for (let done = 0; done < sealed.length; )
        done += (await this.#file.write(sealed, done, sealed.length - done, at + done)).bytesWritten;
    } catch (cause) {
      throw notKept(this.#dir, cause);
    }
    this.#size += records.length;
  }

  async read(row: number): Promise<Uint8Array> {
    const at = row * this.#stride;
    const { buffer, bytesRead } = await this.#file.read(new Uint8Array(this.#stride), 0, this.#stride, at);
    if (bytesRead < this.#stride) throw new RangeError(`Row ${row} of ${this.#size} was never added`);
    const plain = createDecipheriv('aes-256-ctr', this.#key, counterAt(at)).update(buffer);
    return new Uint8Array(plain).subarray(0, this.#bytes);
  }

  async dispose(): Promise<void> {
    await this.#file.close();
  }
}

/** The cipher's counter for the block that begins at this byte. A key serves one file, so no counter is used twice. */
function counterAt(byte: number): Buffer {
  const counter = Buffer.alloc(BLOCK);
  counter.writeBigUInt64BE(BigInt(byte / BLOCK), BLOCK - 8);
  return counter;
}

function notKept(dir: string, cause: unknown): SafaceError {
  return new SafaceError(
    'exhausted',
    `What was seen of the faces cannot be kept in "${dir}" (${describeError(cause)})`,
    'Make room there, or name another folder: --out of `saface run`, else SAFACE_HOME. An hour of one face in view takes some gigabytes.',
    { cause },
  );
}
