import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, SafaceError } from '@saface/core';
import type { CatalogueModel } from './catalogue.ts';
import { sha256OfBytes } from './sha256.ts';

export interface PullOptions {
  /** A folder or an http address that holds the catalogue's files by name; tried first. */
  readonly mirror: string | null;
  readonly fetch?: typeof fetch;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;

/**
 * Fetches a file of the catalogue. Whatever it came from, it is the file that the catalogue means or an error.
 * @throws SafaceError 'unavailable' that says what was tried and why each failed, 'integrity' when the file is another one
 */
export async function pullModel(model: CatalogueModel, options: PullOptions): Promise<Uint8Array> {
  const { mirror } = options;
  const places = [...(mirror ? [placeInMirror(mirror, model.file)] : []), ...(model.address ? [model.address] : [])];
  const failures: string[] = [];
  for (const place of places) {
    const bytes = await read(place, options).catch((error: unknown) => {
      failures.push(`${place} (${reason(error)})`);
      return null;
    });
    if (bytes) return checked(bytes, model, place);
  }
  throw new SafaceError(
    'unavailable',
    failures.length > 0
      ? `The model "${model.name}" could not be fetched from ${failures.join(' or ')}`
      : `The model "${model.name}" has no address to fetch it from`,
    `Put ${model.file} (${model.source}) into a folder, and name the folder in SAFACE_MODEL_MIRROR.`,
  );
}

function isAddress(place: string): boolean {
  return /^https?:\/\//.test(place);
}

function placeInMirror(mirror: string, file: string): string {
  return isAddress(mirror) ? `${mirror.replace(/\/$/, '')}/${file}` : join(mirror, file);
}

async function read(place: string, { fetch: get = fetch, timeoutMs = TIMEOUT_MS }: PullOptions): Promise<Uint8Array> {
  if (!isAddress(place)) return readFile(place);
  const response = await get(place, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

/** `fetch failed` says nothing; its cause does. */
function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return describeError(cause);
}

function checked(bytes: Uint8Array, model: CatalogueModel, place: string): Uint8Array {
  const sha256 = sha256OfBytes(bytes);
  if (sha256 === model.sha256) return bytes;
  throw new SafaceError(
    'integrity',
    `${place} is not the file that the catalogue means by "${model.name}": its sha256 is ${sha256}, not ${model.sha256}`,
    'Replace the file by the original; it was not taken over.',
  );
}
