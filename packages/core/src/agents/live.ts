import { z } from 'zod';
import { malformed, packMessage, unpackMessage } from '../framing.ts';
import { boxSchema } from '../probe.ts';

/** A face drawn on the Live page: where it is and what the edge currently says of its track. */
export const liveFaceSchema = z.object({
  trackId: z.number().int(),
  box: boxSchema,
  state: z.enum(['undecided', 'recognised', 'unknown']),
  identityId: z.string().nullable(),
  name: z.string().nullable(),
  /** Distance of the best identity; smaller is more alike. Null before the first comparison. */
  distance: z.number().nullable(),
  threshold: z.number().nullable(),
});
export type LiveFace = z.infer<typeof liveFaceSchema>;

/** Edge -> control plane (POST /api/agent/preview/<cameraId>) -> browser: one blob, the picture as JPEG. */
export const liveFrameSchema = z.object({
  cameraId: z.string(),
  /** Capture time, Unix epoch milliseconds. */
  time: z.number(),
  frameIndex: z.number().int(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  faces: z.array(liveFaceSchema),
  /** Milliseconds from capture to the edge's decision. */
  latency: z.number(),
  versionId: z.string().nullable(),
});
export type LiveFrame = z.infer<typeof liveFrameSchema>;

export function encodeLiveFrame(frame: LiveFrame, jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  return packMessage(frame, [jpeg]);
}

export function decodeLiveFrame(bytes: Uint8Array): { frame: LiveFrame; jpeg: Uint8Array } {
  const { header, blobs } = unpackMessage(bytes);
  const parsed = liveFrameSchema.safeParse(header);
  if (!parsed.success) throw malformed(z.prettifyError(parsed.error));
  if (blobs.length !== 1) throw malformed(`${blobs.length} pictures instead of one`);
  return { frame: parsed.data, jpeg: blobs[0] };
}
