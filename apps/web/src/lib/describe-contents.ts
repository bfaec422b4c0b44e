import { plural } from './format.ts';

/** What is in a site, as far as it has any: `2 edges, 1 camera and 3 scenarios`; null when it is empty. */
export function describeContents({ edges, cameras, scenarios }: Record<'edges' | 'cameras' | 'scenarios', number>) {
  const parts = [
    edges > 0 ? [plural(edges, 'edge')] : [],
    cameras > 0 ? [plural(cameras, 'camera')] : [],
    scenarios > 0 ? [plural(scenarios, 'scenario')] : [],
  ].flat();
  return parts.length > 0 ? inWords(parts) : null;
}

/** `a`, `a and b`, `a, b and c` */
export function inWords(parts: readonly string[]): string {
  const last = parts[parts.length - 1] ?? '';
  return parts.length > 1 ? `${parts.slice(0, -1).join(', ')} and ${last}` : last;
}
