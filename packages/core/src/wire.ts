import { z } from 'zod';
import { SafaceError } from './errors.ts';
import { probeMetaSchema } from './probe.ts';

/**
 * The camera -> edge WebSocket protocol, version 1. Every message is binary:
 *
 *   uint32 LE header length | header (UTF-8 JSON, one of the schemas below) | blobs back to back
 *
 * The header's `blobs` gives the byte length of each blob. One `frame` message carries everything of one frame, so the
 * edge knows which probes were seen together (Algorithm 1's negatives) without guessing from times.
 */
export const WIRE_VERSION = 1;
const MAX_HEADER_BYTES = 1 << 20;
const MAX_BLOBS = 512;

const blobs = z.array(z.number().int().nonnegative()).max(MAX_BLOBS);

/** Blobs: one aligned crop per probe (raw interleaved RGB, cropSize x cropSize x 3). */
export const frameMessageSchema = z.object({
  type: z.literal('frame'),
  /** Rises by one per message of this connection's camera session; gaps tell the edge what was dropped. */
  sequence: z.number().int().nonnegative(),
  /** Changes when the camera agent restarts, so track ids of two runs never mix. */
  sessionId: z.string().min(1).max(64),
  frameIndex: z.number().int().nonnegative(),
  /** Capture time, Unix epoch milliseconds. */
  time: z.number().finite(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  cropSize: z.number().int().positive().max(512),
  probes: z.array(probeMetaSchema).max(MAX_BLOBS),
  /** Tracks that ended with this frame. */
  endedTracks: z.array(z.number().int().nonnegative()),
  /** Funnel counters since the last message: how many frames were read, dropped, faces found and faces good enough to send. */
  counters: z.object({
    framesRead: z.number().int().nonnegative(),
    framesDropped: z.number().int().nonnegative(),
    facesFound: z.number().int().nonnegative(),
    facesSent: z.number().int().nonnegative(),
  }),
  blobs,
});
export type FrameMessage = z.infer<typeof frameMessageSchema>;

/** One blob: the picture as JPEG. Sent only while the edge asked for it. */
export const previewMessageSchema = z.object({
  type: z.literal('preview'),
  time: z.number().finite(),
  frameIndex: z.number().int().nonnegative(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  tracks: z.array(probeMetaSchema.pick({ trackId: true, box: true })),
  blobs,
});
export type PreviewMessage = z.infer<typeof previewMessageSchema>;

/** Camera -> edge, sent first. Authentication is the `Authorization: Bearer <ingestKey>` header of the upgrade request. */
export const helloMessageSchema = z.object({
  type: z.literal('hello'),
  version: z.literal(WIRE_VERSION),
  cameraId: z.string().min(1),
  sessionId: z.string().min(1).max(64),
  /** Camera's clock, Unix epoch milliseconds, for the skew estimate. */
  clock: z.number().finite(),
  blobs,
});
export type HelloMessage = z.infer<typeof helloMessageSchema>;

/** The source came to its end (files only) or failed; `error` is for people. */
export const sourceStateMessageSchema = z.object({
  type: z.literal('source-state'),
  state: z.enum(['playing', 'reconnecting', 'ended', 'failed']),
  error: z.string().max(2000).nullable(),
  blobs,
});
export type SourceStateMessage = z.infer<typeof sourceStateMessageSchema>;

export const cameraMessageSchema = z.discriminatedUnion('type', [
  helloMessageSchema,
  frameMessageSchema,
  previewMessageSchema,
  sourceStateMessageSchema,
]);
export type CameraMessage = z.infer<typeof cameraMessageSchema>;

/** Edge -> camera (JSON text). `credit` is the back-pressure: how many more frame messages the edge is ready to take. */
export const edgeMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('credit'), frames: z.number().int().positive() }),
  z.object({ type: z.literal('preview'), enabled: z.boolean(), maxWidth: z.number().int().positive(), fps: z.number().positive() }),
  z.object({ type: z.literal('error'), message: z.string(), remedy: z.string() }),
]);
export type EdgeMessage = z.infer<typeof edgeMessageSchema>;

/** Header without `blobs`; the encoder fills it. */
export type Outgoing<M extends CameraMessage> = M extends CameraMessage ? Omit<M, 'blobs'> : never;

export function encodeMessage(header: Outgoing<CameraMessage>, payload: readonly Uint8Array[] = []): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ ...header, blobs: payload.map((b) => b.length) }));
  const total = payload.reduce((sum, b) => sum + b.length, 4 + json.length);
  const bytes = new Uint8Array(total);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  let offset = 4 + json.length;
  for (const blob of payload) {
    bytes.set(blob, offset);
    offset += blob.length;
  }
  return bytes;
}

/** Blobs are views into `bytes`. Throws `invalid-input` on anything that is not a well-formed message. */
export function decodeMessage(bytes: Uint8Array): { header: CameraMessage; blobs: Uint8Array[] } {
  const bad = (what: string) =>
    new SafaceError('invalid-input', `Malformed camera message: ${what}`, 'Update the camera agent to the version of the edge.');
  if (bytes.length < 4) throw bad(`${bytes.length} bytes`);
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  if (headerLength > MAX_HEADER_BYTES || 4 + headerLength > bytes.length) throw bad(`header of ${headerLength} bytes`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(4, 4 + headerLength)));
  } catch {
    throw bad('header is not JSON');
  }
  const result = cameraMessageSchema.safeParse(parsed);
  if (!result.success) throw bad(z.prettifyError(result.error));
  const views: Uint8Array[] = [];
  let offset = 4 + headerLength;
  for (const length of result.data.blobs) {
    if (offset + length > bytes.length) throw bad(`blob of ${length} bytes overruns the message`);
    views.push(bytes.subarray(offset, offset + length));
    offset += length;
  }
  if (offset !== bytes.length) throw bad(`${bytes.length - offset} bytes left over`);
  return { header: result.data, blobs: views };
}
