import type { AgentClient, Logger } from '@saface/agent-kit';
import { describeError, type OutboxItem, outboxItemSchema, SafaceError } from '@saface/core';
import { z } from 'zod';
import { type OutboxStore, UNREADABLE } from './outbox-store.ts';
import type { Problems } from './problems.ts';
import { isDiskFull } from './vault.ts';

export interface OutboxSenderOptions {
  readonly client: Pick<AgentClient, 'call'>;
  readonly store: OutboxStore;
  readonly log: Logger;
  readonly problems: Problems;
  readonly beforePush?: (item: OutboxItem) => Promise<void>;
  readonly afterPush?: (item: OutboxItem) => Promise<void>;
  readonly limits: { readonly batchBytes: number; readonly dead: number };
  readonly signal: AbortSignal;
}

/** One push of the outbox: what goes, what has to wait, and what must not stop all that wait behind it. */
export class OutboxSender {
  readonly #options: OutboxSenderOptions;
  #dropped = 0;

  constructor(options: OutboxSenderOptions) {
    this.#options = options;
  }

  /** Sends the first of `jsons`, as many as fit; returns how many are done with. */
  async send(jsons: readonly string[], most = jsons.length): Promise<number> {
    const { client, beforePush, afterPush, log, limits, signal } = this.#options;
    const chosen = fitting(jsons.slice(0, most), limits.batchBytes);
    if (chosen[0] === UNREADABLE) return this.#dropUnreadable();
    const items: OutboxItem[] = [];
    for (const json of chosen) {
      if (json === UNREADABLE) break;
      try {
        const item = readItem(json);
        await beforePush?.(item);
        items.push(item);
      } catch (error) {
        // What was before it can go; it is the first of the next push then.
        if (items.length > 0) break;
        if (!isPermanent(error)) throw error;
        await this.#bury(json, error);
        return 1;
      }
    }
    try {
      const { results } = await client.call('push', { items }, signal);
      for (const result of results)
        if (result.status === 'rejected')
          log.error({ id: result.id, message: result.message }, 'the control plane rejected an item');
      for (const item of items) await afterPush?.(item);
      return items.length;
    } catch (error) {
      if (!isPermanent(error)) throw error;
      if (items.length > 1) return this.send(jsons, Math.ceil(items.length / 2));
      await this.#bury(chosen[0]!, error);
      return 1;
    }
  }

  /** For people to look into, so it stays without the pictures of anybody, and not without end. */
  async #bury(json: string, error: unknown): Promise<void> {
    const { store, afterPush, log, problems, limits } = this.#options;
    const item = JSON.parse(json) as OutboxItem;
    const { id, kind } = item;
    log.error({ id, kind, error: describeError(error) }, 'an item cannot be delivered; it was put aside');
    try {
      await store.append('dead', [JSON.stringify(withoutPictures(item))]);
      const excess = (await store.depth('dead')) - limits.dead;
      if (excess > 0) {
        await store.drop('dead', excess);
        this.#dropped += excess;
      }
    } catch (cause) {
      // The store is away: the item is not worth a place in memory.
      log.warn({ id, kind, error: describeError(cause) }, 'an item that cannot be delivered is lost');
    }
    const readable = outboxItemSchema.safeParse(item);
    if (readable.success) await afterPush?.(readable.data);
    const dropped = this.#dropped > 0 ? ` (${this.#dropped} older ones were dropped)` : '';
    problems.happened('outbox-dead', `An item (${kind} ${id}) was put aside${dropped}: ${describeError(error)}`);
  }

  #dropUnreadable(): number {
    this.#options.log.error('an item in the outbox cannot be decrypted and is dropped');
    this.#options.problems.happened(
      'outbox-unreadable',
      'Items in the outbox cannot be decrypted and were dropped: the key file was changed, or Redis is shared with another edge.',
    );
    return 1;
  }
}

/** One that an older edge stored may break today's contract. */
function readItem(json: string): OutboxItem {
  const parsed = outboxItemSchema.safeParse(JSON.parse(json));
  if (parsed.success) return parsed.data;
  throw new SafaceError('invalid-input', z.prettifyError(parsed.error), 'It was written by another version of SaFace.');
}

/** Also of what breaks the contract, so nothing is taken for granted but the kind. */
function withoutPictures(item: OutboxItem): object {
  if (item.kind === 'event') return { ...item, payload: { ...item.payload, cropJpeg: null } };
  if (item.kind === 'triplet-pictures') return { ...item, payload: { runId: item.payload?.runId, triplets: [] } };
  return item;
}

/** Trying again cannot help: the item itself is what the control plane refuses. A full disk of this edge is no fault of the item. */
function isPermanent(error: unknown): boolean {
  if (!(error instanceof SafaceError) || isDiskFull(error)) return false;
  return ['invalid-input', 'exhausted', 'integrity'].includes(error.code);
}

function fitting(jsons: readonly string[], limit: number): string[] {
  let bytes = 0;
  const end = jsons.findIndex((json, index) => {
    bytes += json.length;
    return index > 0 && bytes > limit;
  });
  return end < 0 ? [...jsons] : jsons.slice(0, end);
}
