/** Three numbers, or one for all three, from text; null when it is neither. Numbers are parted by commas or blanks. */
export function parseTriple(text: string): [number, number, number] | null {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  const numbers = parts.map(Number);
  if (!numbers.every(Number.isFinite)) return null;
  const [a, b, c] = numbers;
  if (a === undefined) return null;
  if (parts.length === 1) return [a, a, a];
  return parts.length === 3 && b !== undefined && c !== undefined ? [a, b, c] : null;
}
