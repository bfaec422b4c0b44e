import { z } from 'zod';
import { countSchema, momentSchema, textSchema } from './bounds.ts';
import { malformed, packMessage, unpackMessage } from './framing.ts';
import { probeMetaSchema } from './probe.ts';

/**
 * The camera -> edge WebSocket protocol, version 1. Every message of the camera is binary, framed as in framing.ts with one of
 * the headers below. One `frame` message carries everything of one frame, so the edge knows which probes were seen together
 * (Algorithm 1's negatives) without guessing from times.
 */
export const WIRE_VERSION = 1;
const MAX_BLOBS = 512;
/** Of a session; events are numbered by twice it, and one more. */
export const MAX_FRAME_INDEX = 2 ** 30 - 1;
const frameIndex = z.number().int().min(0).max(MAX_FRAME_INDEX);

const blobs = z.array(z.number().int().nonnegative()).max(MAX_BLOBS);

/** Blobs: one aligned crop per probe (raw interleaved RGB, cropSize x cropSize x 3). */
/** Faces in one picture, and tracks that end with it. */
export const MAX_TRACKS = 1024;

export const frameMessageSchema = z.object({
  type: z.literal('frame'),
  /** Rises by one per message of this connection's camera session; gaps tell the edge what was dropped. */
  sequence: z.number().int().nonnegative(),
  /** Changes when the camera agent restarts, so track ids of two runs never mix. */
  sessionId: textSchema.min(1).max(64),
  frameIndex,
  /** Capture time, Unix epoch milliseconds. */
  time: momentSchema,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  cropSize: z.number().int().positive().max(512),
  probes: z.array(probeMetaSchema).max(MAX_BLOBS),
  /** Tracks that ended with this frame. */
  endedTracks: z.array(countSchema).max(MAX_TRACKS),
  /** Funnel counters since the last message: how many frames were read, dropped, faces found and faces good enough to send. */
  counters: z.object({
    framesRead: countSchema,
    framesDropped: countSchema,
    facesFound: countSchema,
    facesSent: countSchema,
  }),
  blobs,
});
export type FrameMessage = z.infer<typeof frameMessageSchema>;

/** One blob: the picture as JPEG. Sent only while the edge asked for it. */
export const previewMessageSchema = z.object({
  type: z.literal('preview'),
  time: momentSchema,
  frameIndex,
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  tracks: z.array(probeMetaSchema.pick({ trackId: true, box: true })).max(MAX_TRACKS),
  blobs,
});
export type PreviewMessage = z.infer<typeof previewMessageSchema>;

/** Camera -> edge, sent first. Authentication is the `Authorization: Bearer <ingestKey>` header of the upgrade request. */
export const helloMessageSchema = z.object({
  type: z.literal('hello'),
  version: z.literal(WIRE_VERSION),
  cameraId: textSchema.min(1),
  sessionId: textSchema.min(1).max(64),
  /** Camera's clock, Unix epoch milliseconds, for the skew estimate. */
  clock: z.number().finite(),
  blobs,
});
export type HelloMessage = z.infer<typeof helloMessageSchema>;

/** The source came to its end (files only) or failed; `error` is for people. */
export const sourceStateMessageSchema = z.object({
  type: z.literal('source-state'),
  state: z.enum(['playing', 'reconnecting', 'ended', 'failed']),
  error: textSchema.max(2000).nullable(),
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

/**
 * Edge -> camera (JSON text). `credit` is the back-pressure: how many more frame messages the edge is ready to take. The first
 * credit after hello is the window; each later one says that so many frames, the oldest first, are done with. A camera whose
 * connection breaks sends again what was not.
 */
export const edgeMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('credit'), frames: z.number().int().positive() }),
  z.object({
    type: z.literal('preview'),
    enabled: z.boolean(),
    maxWidth: z.number().int().positive(),
    fps: z.number().positive(),
  }),
  z.object({ type: z.literal('error'), message: z.string(), remedy: z.string() }),
]);
export type EdgeMessage = z.infer<typeof edgeMessageSchema>;

/** Header without `blobs`; the encoder fills it. */
export type Outgoing<M extends CameraMessage> = M extends CameraMessage ? Omit<M, 'blobs'> : never;

export function encodeMessage(
  header: Outgoing<CameraMessage>,
  blobs: readonly Uint8Array[] = [],
): Uint8Array<ArrayBuffer> {
  return packMessage(header, blobs);
}

/** Blobs are views into `bytes`. Throws `invalid-input` on anything that is not a well-formed camera message. */
export function decodeMessage(bytes: Uint8Array): { header: CameraMessage; blobs: Uint8Array[] } {
  const { header, blobs } = unpackMessage(bytes);
  const result = cameraMessageSchema.safeParse(header);
  if (!result.success) throw malformed(z.prettifyError(result.error));
  return { header: result.data, blobs };
}
