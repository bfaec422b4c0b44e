import { join } from 'node:path';
import type { Logger } from '@saface/agent-kit';
import { describeError, idSchema } from '@saface/core';
import { z } from 'zod';
import type { Vault } from '../control/vault.ts';

const CONTEXT = 'erased';
const schema = z.array(idSchema);
/** The oldest ones are long gone from every gallery and every track. */
const MOST = 10_000;

/**
 * Who was erased, by id alone. Remembered because an erasure meets things that are under way: frames that the gallery before it named,
 * tracks that the disk did not give when it came.
 */
export class ErasedPeople {
  readonly #path: string;
  readonly #vault: Vault;
  readonly #log: Logger;
  readonly #ids = new Set<string>();
  /** Resolves when it is known whom earlier processes were told to forget. Never rejects. */
  readonly loaded: Promise<void>;

  constructor(dir: string, vault: Vault, log: Logger) {
    this.#path = join(dir, 'erased.sealed');
    this.#vault = vault;
    this.#log = log;
    this.loaded = this.#load();
  }

  has(identityId: string): boolean {
    return this.#ids.has(identityId);
  }

  /** In memory at once. Never rejects: what cannot be written down must not keep the erasure itself from being done. */
  async add(identityId: string): Promise<void> {
    this.#ids.add(identityId);
    await this.loaded;
    try {
      const newest = [...this.#ids].slice(-MOST);
      await this.#vault.writeFile(this.#path, Buffer.from(JSON.stringify(newest)), CONTEXT);
    } catch (error) {
      this.#log.error({ error: describeError(error) }, 'who was erased cannot be written down');
    }
  }

  async #load(): Promise<void> {
    try {
      const bytes = await this.#vault.readFile(this.#path, CONTEXT);
      if (bytes) for (const id of schema.parse(JSON.parse(bytes.toString('utf8')))) this.#ids.add(id);
    } catch (error) {
      this.#log.error({ error: describeError(error) }, 'who was erased before cannot be read');
    }
  }
}
