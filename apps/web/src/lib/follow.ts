/**
 * What a form holds after somebody else has saved: fields that were not touched here follow, the others stay as they are here.
 * @param known what the server held when the form last looked
 */
export function follow<T extends object>(draft: T, known: T, server: T): T {
  const entries = Object.keys(server) as (keyof T)[];
  const changed = entries.filter((key) => same(draft[key], known[key]) && !same(known[key], server[key]));
  return changed.length === 0 ? draft : { ...draft, ...Object.fromEntries(changed.map((key) => [key, server[key]])) };
}

/** By content; forms hold text, numbers and lists of them. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
