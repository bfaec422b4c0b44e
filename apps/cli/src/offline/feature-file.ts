import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, type FeatureBank, fromHalf, SafaceError, toHalf } from '@saface/core';

const BLOCK = 16;

/**
 * Features of any number of probes on disk, as half floats: hours of video give more than memory holds. The file has no name once it
 * is open, and its key is never written: whatever ends the process, nothing of it can be found or read afterwards.
 */
export class FeatureFile implements FeatureBank {
  readonly sampleSize: number;
  readonly #dir: string;
  readonly #file: FileHandle;
  readonly #key = randomBytes(32);
  /** Bytes from one sample to the next: whole blocks of the cipher, so that any of them can be read alone. */
  readonly #stride: number;
  #size = 0;

  private constructor(dir: string, file: FileHandle, sampleSize: number) {
    this.#dir = dir;
    this.#file = file;
    this.sampleSize = sampleSize;
    this.#stride = Math.ceil((2 * sampleSize) / BLOCK) * BLOCK;
  }

  /**
   * @param dir on whose disk it lies; made when it is missing
   * @throws SafaceError `exhausted`
   */
  static async create(dir: string, sampleSize: number): Promise<FeatureFile> {
    const path = join(dir, `.features-${process.pid}-${randomBytes(4).toString('hex')}`);
    try {
      await mkdir(dir, { recursive: true });
      const file = await open(path, 'wx+', 0o600);
      await rm(path);
      return new FeatureFile(dir, file, sampleSize);
    } catch (cause) {
      throw notKept(dir, cause);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Adds `features.length / sampleSize` samples. @throws SafaceError `exhausted` when the disk is full */
  async add(features: Float32Array): Promise<void> {
    const count = features.length / this.sampleSize;
    const plain = new Uint8Array(count * this.#stride);
    for (let i = 0; i < count; i++) {
      const sample = features.subarray(i * this.sampleSize, (i + 1) * this.sampleSize);
      toHalf(sample, new Uint16Array(plain.buffer, i * this.#stride, this.sampleSize));
    }
    const at = this.#size * this.#stride;
    const sealed = createCipheriv('aes-256-ctr', this.#key, counterAt(at)).update(plain);
    try {
      for (let done = 0; done < sealed.length; )
        done += (await this.#file.write(sealed, done, sealed.length - done, at + done)).bytesWritten;
    } catch (cause) {
      throw notKept(this.#dir, cause);
    }
    this.#size += count;
  }

  async read(rows: ArrayLike<number>): Promise<Float32Array> {
    const out = new Float32Array(rows.length * this.sampleSize);
    for (let i = 0; i < rows.length; i++) {
      const at = rows[i] * this.#stride;
      const { buffer, bytesRead } = await this.#file.read(new Uint8Array(this.#stride), 0, this.#stride, at);
      if (bytesRead < this.#stride) throw new RangeError(`Row ${rows[i]} of ${this.#size} was never added`);
      const plain = new Uint8Array(createDecipheriv('aes-256-ctr', this.#key, counterAt(at)).update(buffer));
      fromHalf(new Uint16Array(plain.buffer, 0, this.sampleSize), out.subarray(i * this.sampleSize));
    }
    return out;
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
    `The features of the faces cannot be kept in "${dir}" (${describeError(cause)})`,
    'Make room there, or name another folder: --out of `saface run`, else SAFACE_HOME. An hour of one face in view takes some gigabytes.',
    { cause },
  );
}
