import { SafaceError } from './errors.ts';

/**
 * How a JSON header and binary blobs share one message, on every binary door of the product:
 *
 *   uint32 LE header length | header (UTF-8 JSON) | blobs back to back
 *
 * The header's `blobs` lists the byte length of each blob.
 */
const MAX_HEADER_BYTES = 1 << 20;
const MAX_BLOBS = 512;

export function packMessage(header: object, blobs: readonly Uint8Array[] = []): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify({ ...header, blobs: blobs.map((b) => b.length) }));
  const bytes = new Uint8Array(blobs.reduce((sum, b) => sum + b.length, 4 + json.length));
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  let offset = 4 + json.length;
  for (const blob of blobs) {
    bytes.set(blob, offset);
    offset += blob.length;
  }
  return bytes;
}

/** The header is not validated beyond its framing; blobs are views into `bytes`. Throws `invalid-input` on a malformed message. */
export function unpackMessage(bytes: Uint8Array): { header: unknown; blobs: Uint8Array[] } {
  if (bytes.length < 4) throw malformed(`${bytes.length} bytes`);
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (headerLength > MAX_HEADER_BYTES || 4 + headerLength > bytes.length)
    throw malformed(`header of ${headerLength} bytes`);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + headerLength)));
  } catch {
    throw malformed('the header is not JSON');
  }
  const lengths = (header as { blobs?: unknown } | null)?.blobs;
  if (!Array.isArray(lengths) || lengths.length > MAX_BLOBS) throw malformed('the header has no list of blobs');
  const blobs: Uint8Array[] = [];
  let offset = 4 + headerLength;
  for (const length of lengths) {
    if (!Number.isInteger(length) || length < 0 || offset + length > bytes.length)
      throw malformed(`a blob of ${typeof length === 'number' ? length : 'no number of'} bytes overruns it`);
    blobs.push(bytes.subarray(offset, offset + length));
    offset += length;
  }
  if (offset !== bytes.length) throw malformed(`${bytes.length - offset} bytes left over`);
  return { header, blobs };
}

export function malformed(what: string): SafaceError {
  return new SafaceError(
    'invalid-input',
    `Malformed message: ${what}`,
    'Bring both sides to the same version of SaFace.',
  );
}
