import type { Random } from '@saface/core';

export { createRandom, mixSeed, type Random } from '@saface/core';

/** Bell-shaped around 0, standard deviation 0.67, never beyond 2. */
export function bell(random: Random): number {
  return (random() + random() + random() - 1.5) / 0.75;
}

export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[Math.floor(random() * items.length)] ?? items[0];
}

/** A new array with the items in random order. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const order = items.map((item) => ({ item, key: random() }));
  return order.sort((a, b) => a.key - b.key).map(({ item }) => item);
}
