import { join } from 'node:path';
import { type Logger, writeFileSafely } from '@saface/agent-kit';
import { describeError, idSchema } from '@saface/core';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { redisEventJournal } from '../recognition/event-journal.ts';
import { moveItems, redisOutboxStore } from './outbox-store.ts';
import { readIfExists, type Vault } from './vault.ts';

export interface HandoverOptions {
  readonly redis: Redis;
  readonly vault: Vault;
  readonly agentId: string;
  /** The edge's home, which remembers under which ids it was enrolled. */
  readonly dir: string;
  readonly log: Logger;
}

const idsSchema = z.array(idSchema);

/**
 * An edge that was enrolled anew has another agent id, and every key in its Redis holds one. What waits under earlier ids is sent
 * under the present one: the control plane asks whether it is of the agent's site, and drops it where it is not.
 */
export class Handover {
  readonly #options: HandoverOptions;
  readonly #path: string;
  #done: Promise<void> | null = null;

  constructor(options: HandoverOptions) {
    this.#options = options;
    this.#path = join(options.dir, 'agents.json');
  }

  /** Resolves when nothing is left under an earlier id. Rejects while Redis is away; the next call tries again. */
  done(): Promise<void> {
    this.#done ??= this.#run().catch((error: unknown) => {
      this.#done = null;
      throw error;
    });
    return this.#done;
  }

  async #run(): Promise<void> {
    const { agentId, log } = this.#options;
    const earlier = await this.#earlier();
    for (const id of earlier) {
      await this.#take(id);
      log.info({ earlier: id }, 'took over what was left by this edge under an earlier enrolment');
    }
    if (earlier.length > 0) await this.#note([agentId]);
  }

  /** Runs have their records on disk and get new jobs, so of the training queue there is nothing to take. */
  async #take(id: string): Promise<void> {
    const { redis, vault, agentId } = this.#options;
    await moveItems(redisOutboxStore(redis, vault, id), redisOutboxStore(redis, vault, agentId));
    const journal = redisEventJournal(redis, vault, agentId);
    const known = new Set((await journal.load()).map((event) => event.id));
    for (const event of await redisEventJournal(redis, vault, id).load())
      if (!known.has(event.id)) await journal.open(event);
    await deleteKeys(redis, `saface:${id}:`);
  }

  async #earlier(): Promise<string[]> {
    const { agentId, log } = this.#options;
    let ids: string[] = [];
    try {
      const bytes = await readIfExists(this.#path);
      if (bytes) ids = idsSchema.parse(JSON.parse(bytes.toString('utf8')));
    } catch (error) {
      log.error({ error: describeError(error) }, 'under which ids this edge was enrolled cannot be read');
    }
    if (!ids.includes(agentId)) await this.#note([...ids, agentId]);
    return ids.filter((id) => id !== agentId);
  }

  async #note(ids: readonly string[]): Promise<void> {
    try {
      await writeFileSafely(this.#path, JSON.stringify(ids));
    } catch (error) {
      this.#options.log.error(
        { error: describeError(error) },
        'under which ids this edge was enrolled cannot be noted',
      );
    }
  }
}

async function deleteKeys(redis: Redis, prefix: string): Promise<void> {
  const match = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', match, 'COUNT', 1000);
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
}
