/**
 * Errors beside fields: the server's answer to a refused form lists zod's messages by path (`policy.alpha`). Returns the first
 * message for a path, or null.
 */
export function fieldError(error: unknown, path: string): string | null {
  const data = error !== null && typeof error === 'object' && 'data' in error ? error.data : null;
  const fields = data !== null && typeof data === 'object' && 'fields' in data ? data.fields : null;
  if (fields === null || typeof fields !== 'object') return null;
  const messages = (fields as Record<string, unknown>)[path];
  return Array.isArray(messages) && typeof messages[0] === 'string' ? messages[0] : null;
}

/** Whether the answer points at any field at all; if not, the form shows the whole message. */
export function hasFieldErrors(error: unknown): boolean {
  const data = error !== null && typeof error === 'object' && 'data' in error ? error.data : null;
  const fields = data !== null && typeof data === 'object' && 'fields' in data ? data.fields : null;
  return fields !== null && typeof fields === 'object' && Object.keys(fields).length > 0;
}
