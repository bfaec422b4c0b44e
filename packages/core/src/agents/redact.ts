import type { SourceConfig } from './config.ts';

/**
 * A camera's address without what must stay secret, for logs, labels and people who may not change the camera. Cameras
 * take passwords before the host, in the query and even in the path (`/user=a&password=b`), and people type them in with
 * characters that an address should escape. So everything up to the last `@` goes, with all values. When in doubt too much
 * goes: an `@` behind a `?` may belong to a password or to a query, and then not even the host is sure. What has no scheme
 * is a path or a device and stays as it is.
 */
export function withoutCredentials(address: string): string {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(address) ?? [];
  if (scheme === undefined || rest === undefined) return address;
  const at = rest.lastIndexOf('@');
  const query = rest.search(/[?#]/);
  if (query !== -1 && at > query) return `${scheme}***`;
  const shown = rest
    .slice(at + 1)
    .replace(/([?#&])[^=&#]*(?=[&#]|$)/g, '$1***')
    .replace(/=[^&#]*/g, '=***');
  return `${scheme}${at === -1 ? '' : '***@'}${shown}`;
}

/** The source with its address redacted; other kinds carry no secret. */
export const redactSource = (source: SourceConfig): SourceConfig =>
  'url' in source ? { ...source, url: withoutCredentials(source.url) } : source;
