import type { Lane, OutboxStore } from '../control/outbox-store.ts';

/** An outbox store in memory that can be away; for tests. */
export class MemoryStore implements OutboxStore {
  readonly lanes: Record<Lane, string[]> = { durable: [], metrics: [], dead: [] };
  away = false;

  async append(lane: Lane, items: readonly string[]): Promise<void> {
    this.#check();
    this.lanes[lane].push(...items);
  }

  async peek(lane: Lane, count: number, skip = 0): Promise<string[]> {
    this.#check();
    return this.lanes[lane].slice(skip, skip + count);
  }

  async drop(lane: Lane, count: number): Promise<void> {
    this.#check();
    this.lanes[lane].splice(0, count);
  }

  async depth(lane: Lane): Promise<number> {
    this.#check();
    return this.lanes[lane].length;
  }

  #check(): void {
    if (this.away) throw new Error('connect ECONNREFUSED');
  }
}
