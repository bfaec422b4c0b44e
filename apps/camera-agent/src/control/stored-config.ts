import { readSealedJson, writeSealedJson } from '@saface/agent-kit';
import { type CameraConfig, cameraConfigSchema, SafaceError } from '@saface/core';
import { z } from 'zod';

const storedSchema = z.object({ revision: z.string().min(1), config: cameraConfigSchema });

export interface StoredConfig {
  readonly revision: string;
  readonly config: CameraConfig;
}

/** The last configuration the control plane sent, so that the agent starts without it. Holds the ingest key: mode 0600, sealed if there is a key. */
export class ConfigStore {
  readonly #path: string;
  readonly #key: Buffer | null;

  constructor(path: string, key: Buffer | null) {
    this.#path = path;
    this.#key = key;
  }

  /** Null when there is none. Throws `integrity` when the file cannot be used; the next pull replaces it. */
  async read(): Promise<StoredConfig | null> {
    const value = await readSealedJson(this.#path, this.#key);
    if (value === null) return null;
    const parsed = storedSchema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new SafaceError(
      'integrity',
      `The stored configuration ${this.#path} does not fit this version: ${z.prettifyError(parsed.error)}`,
      'It is replaced as soon as the control plane answers.',
    );
  }

  async write(stored: StoredConfig): Promise<void> {
    await writeSealedJson(this.#path, stored, this.#key);
  }
}
