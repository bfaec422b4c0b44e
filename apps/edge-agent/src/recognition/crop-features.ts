import { fromHalf, type RgbImage, toHalf } from '@saface/core';

/** Features of enrolled crops by a key, kept as half floats up to `maxBytes`; the least recently used go first. */
export class CropFeatures {
  readonly #maxBytes: number;
  readonly #entries = new Map<string, Uint16Array>();
  #bytes = 0;

  constructor(maxBytes = 256 << 20) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): Float32Array | null {
    const found = this.#entries.get(key);
    if (!found) return null;
    this.#entries.delete(key);
    this.#entries.set(key, found);
    return fromHalf(found);
  }

  set(key: string, features: Float32Array): void {
    this.delete(key);
    const half = toHalf(features);
    this.#entries.set(key, half);
    this.#bytes += half.byteLength;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes || this.#entries.size === 1) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.byteLength ?? 0;
    this.#entries.delete(key);
  }

  /** Forgets everything whose key `keep` refuses: an erased person's features must not outlive the crops. */
  retain(keep: (key: string) => boolean): void {
    for (const key of [...this.#entries.keys()]) if (!keep(key)) this.delete(key);
  }
}

export type CropDecoder = (bytes: Uint8Array, name: string) => Promise<RgbImage>;
