/**
 * Numbers and times as the console writes them. One locale (English, 24-hour clock) so that tables line up and tests can
 * read them; the time zone is the browser's.
 */
const LOCALE = 'en-GB';
export const MISSING = '–';

const counts = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
// American: a million FLOPs is 1M there, and 1m where British people write it.
const compactCounts = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });
const clockTime = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const shortTime = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat(LOCALE, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const briefTime = new Intl.DateTimeFormat(LOCALE, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const dayOnly = new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short', year: 'numeric' });

type Time = Date | number | string;
type Maybe<T> = T | null | undefined;

export const formatCount = (n: Maybe<number>): string => (n == null ? MISSING : counts.format(n));
export const formatCompact = (n: Maybe<number>): string => (n == null ? MISSING : compactCounts.format(n));

/** Fixed decimals, so that a changing figure does not jump about. */
export const formatNumber = (n: Maybe<number>, digits = 1): string =>
  n == null || !Number.isFinite(n) ? MISSING : n.toFixed(digits);

/** A share 0..1 as per cent. For accuracies and shares only: a distance is never dressed up as per cent. */
export const formatShare = (n: Maybe<number>, digits = 2): string =>
  n == null || !Number.isFinite(n) ? MISSING : `${(n * 100).toFixed(digits)} %`;

/** A gain in accuracy (0..1) in percentage points, with its sign. */
export function formatGain(n: Maybe<number>, digits = 2): string {
  if (n == null || !Number.isFinite(n)) return MISSING;
  const points = (Math.abs(n) * 100).toFixed(digits);
  const sign = n > 0 ? '+' : n < 0 ? '−' : '±';
  return `${sign}${points} pp`;
}

/** Distance between two faces; smaller is more alike. */
export const formatDistance = (d: Maybe<number>): string => formatNumber(d, 3);

export function formatBytes(bytes: Maybe<number>): string {
  if (bytes == null) return MISSING;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export const formatMilliseconds = (ms: Maybe<number>): string =>
  ms == null || !Number.isFinite(ms) ? MISSING : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** A stretch of time in its two largest units: `2 h 5 min`. */
export function formatDuration(ms: Maybe<number>): string {
  if (ms == null || !Number.isFinite(ms)) return MISSING;
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** How long ago, against `now`; clocks that disagree by a little are "just now", not the future. */
export function formatAgo(time: Maybe<Time>, now: number): string {
  if (time == null) return 'never';
  const age = now - new Date(time).getTime();
  if (age < 3000) return 'just now';
  if (age < 60_000) return `${Math.floor(age / 1000)} s ago`;
  if (age < 3_600_000) return `${Math.floor(age / 60_000)} min ago`;
  if (age < 86_400_000) return `${Math.floor(age / 3_600_000)} h ago`;
  return `${Math.floor(age / 86_400_000)} d ago`;
}

export const formatDateTime = (time: Maybe<Time>): string =>
  time == null ? MISSING : dayAndTime.format(new Date(time));
export const formatBriefTime = (time: Maybe<Time>): string =>
  time == null ? MISSING : briefTime.format(new Date(time));
export const formatClock = (time: Maybe<Time>): string => (time == null ? MISSING : clockTime.format(new Date(time)));
export const formatShortTime = (time: Maybe<Time>): string =>
  time == null ? MISSING : shortTime.format(new Date(time));
export const formatDate = (time: Maybe<Time>): string => (time == null ? MISSING : dayOnly.format(new Date(time)));

/** `1 camera`, `3 cameras`; irregular plurals give the second form. */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${counts.format(n)} ${n === 1 ? one : many}`;

/** The first digits of a hash or id, enough to tell two apart on screen. */
export const shortHash = (hash: string): string => hash.slice(0, 8);
