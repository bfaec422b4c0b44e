import { join } from 'node:path';
import { z } from 'zod';
import type { Vault } from '../control/vault.ts';

const memorySchema = z.object({
  /** Newest probe that a run has learnt from; what came later is new. Unix epoch ms, or the media clock of a file. */
  trainedUntil: z.number(),
  /** When the last run ended, or the scenario was first seen; Unix epoch ms. */
  lastRun: z.number(),
});
export type Memory = z.infer<typeof memorySchema>;

const EMPTY: Memory = { trainedUntil: Number.MIN_SAFE_INTEGER, lastRun: 0 };

/** What an edge remembers of a scenario's training across restarts. */
export class ScenarioMemory {
  readonly #path: string;
  readonly #context: string;
  readonly #vault: Vault;
  #memory: Memory;

  private constructor(parts: { path: string; context: string; vault: Vault; memory: Memory }) {
    this.#path = parts.path;
    this.#context = parts.context;
    this.#vault = parts.vault;
    this.#memory = parts.memory;
  }

  static async open(dir: string, scenarioId: string, vault: Vault): Promise<ScenarioMemory> {
    const path = join(dir, `${scenarioId}.sealed`);
    const context = `memory/${scenarioId}`;
    // A damaged memory costs one run on tracks that were used before, which is no harm.
    const known = await vault
      .readFile(path, context)
      .then((bytes) => bytes && memorySchema.parse(JSON.parse(bytes.toString('utf8'))))
      .catch(() => null);
    const now = Date.now();
    const memory = known ?? { ...EMPTY, lastRun: now };
    return new ScenarioMemory({ path, context, vault, memory });
  }

  /** A clock that was ahead when it was noted and has been set right since must not keep a scenario from learning. */
  get trainedUntil(): number {
    return Math.min(this.#memory.trainedUntil, Date.now());
  }

  get lastRun(): number {
    return Math.min(this.#memory.lastRun, Date.now());
  }

  async update(change: Partial<Memory>): Promise<void> {
    this.#memory = { ...this.#memory, ...change };
    await this.#vault.writeFile(this.#path, Buffer.from(JSON.stringify(this.#memory)), this.#context);
  }
}
