import { z } from 'zod';
import { countSchema } from './bounds.ts';

export const boxSchema = z.object({
  x: z.number().finite(),
  y: z.number().finite(),
  width: z.number().positive().finite(),
  height: z.number().positive().finite(),
});
export const pointSchema = z.object({ x: z.number().finite(), y: z.number().finite() });

/**
 * What a camera knows of one probe p besides its pixels. `quality` is 0..1: how usable the crop is
 * (sharpness, size, pose), the same measure at enrolment and on camera.
 */
export const probeMetaSchema = z.object({
  trackId: countSchema,
  box: boxSchema,
  /** None for recognisers that take the box as it is. */
  landmarks: z
    .array(pointSchema)
    .max(106)
    .refine((points) => points.length === 0 || points.length >= 5, 'a probe has no landmarks, or at least five'),
  score: z.number().min(0).max(1),
  quality: z.number().min(0).max(1),
});
export type ProbeMeta = z.infer<typeof probeMetaSchema>;
