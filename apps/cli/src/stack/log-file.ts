import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** Bytes after which a log begins anew; the one before is kept beside it as `.1`. */
const LONGEST = 16 * 1024 * 1024;

/** A file that is appended to and never grows beyond twice `longest`, with the one before it. */
export class LogFile {
  readonly #path: string;
  readonly #longest: number;
  #file: number;
  #size: number;

  /** @throws the system's error when the file cannot be opened */
  constructor(path: string, longest = LONGEST) {
    this.#path = path;
    this.#longest = longest;
    this.#file = openSync(path, 'a');
    this.#size = fstatSync(this.#file).size;
  }

  /** @throws the system's error when the disk is full; what follows is tried again. */
  append(chunk: Buffer): void {
    if (this.#size >= this.#longest) this.#beginAnew();
    for (let written = 0; written < chunk.length; ) {
      const now = writeSync(this.#file, chunk, written);
      written += now;
      this.#size += now;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #beginAnew(): void {
    renameSync(this.#path, `${this.#path}.1`);
    const next = openSync(this.#path, 'a');
    closeSync(this.#file);
    this.#file = next;
    this.#size = 0;
  }
}
