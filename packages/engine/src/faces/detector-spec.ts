import { z } from 'zod';

/** Detectors that this build can run. */
export const detectorFamilies = ['face-api-ssd', 'yunet', 'scrfd'] as const;
export type DetectorFamily = (typeof detectorFamilies)[number];

/** Everything needed to run a detector's ONNX file. */
export const detectorSpecSchema = z.object({
  name: z.string().min(1),
  family: z.enum(detectorFamilies),
});
export type DetectorSpec = z.infer<typeof detectorSpecSchema>;
