export interface Node {
  id: string;
  parentId: string | null;
  number: number;
}

export interface LineageRow<T extends Node> {
  version: T;
  /** Steps from the root. */
  depth: number;
}

/**
 * Versions as an indented tree, parents before children, siblings by number. A version whose parent is gone, or that stands in
 * a circle, is shown at the root rather than lost.
 */
export function prepareLineage<T extends Node>(versions: readonly T[]): LineageRow<T>[] {
  const known = new Map(versions.map((v) => [v.id, v]));
  const children = new Map<string | null, T[]>();
  for (const version of [...versions].sort((a, b) => a.number - b.number)) {
    const parent = version.parentId !== null && known.has(version.parentId) ? version.parentId : null;
    children.set(parent, [...(children.get(parent) ?? []), version]);
  }
  const rows: LineageRow<T>[] = [];
  const seen = new Set<string>();
  const visit = (version: T, depth: number) => {
    if (seen.has(version.id)) return;
    seen.add(version.id);
    rows.push({ version, depth });
    for (const child of children.get(version.id) ?? []) visit(child, depth + 1);
  };
  for (const root of children.get(null) ?? []) visit(root, 0);
  for (const version of versions) visit(version, 0);
  return rows;
}
