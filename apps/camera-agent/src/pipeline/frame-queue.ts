export interface FrameQueueOptions<T> {
  readonly capacity: number;
  /** What a full queue does: a live camera forgets its oldest frame, a file waits so that nothing is lost. */
  readonly whenFull: 'drop-oldest' | 'wait';
  onDrop?(item: T): void;
}

/** Bounded hand-over from the source to detection: one producer, one consumer. */
export class FrameQueue<T> implements AsyncIterable<T> {
  readonly #options: FrameQueueOptions<T>;
  #items: T[] = [];
  #closed = false;
  #wakeConsumer: (() => void) | null = null;
  #wakeProducer: (() => void) | null = null;

  constructor(options: FrameQueueOptions<T>) {
    this.#options = options;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Resolves when the item is in; at once unless the queue waits. Items pushed after `close` are ignored. */
  async push(item: T): Promise<void> {
    const { capacity, whenFull, onDrop } = this.#options;
    while (whenFull === 'wait' && this.#items.length >= capacity && !this.#closed) {
      await new Promise<void>((wake) => {
        this.#wakeProducer = wake;
      });
    }
    if (this.#closed) return;
    if (this.#items.length >= capacity) onDrop?.(this.#items.shift()!);
    this.#items.push(item);
    this.#wakeConsumer?.();
    this.#wakeConsumer = null;
  }

  /** No more items; those inside are still handed out, unless `discard`. */
  close(discard = false): void {
    this.#closed = true;
    if (discard) this.#items = [];
    this.#wakeConsumer?.();
    this.#wakeProducer?.();
    this.#wakeConsumer = null;
    this.#wakeProducer = null;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#wakeProducer?.();
        this.#wakeProducer = null;
        yield item;
      } else if (this.#closed) return;
      else
        await new Promise<void>((wake) => {
          this.#wakeConsumer = wake;
        });
    }
  }
}
