import { cameraConfigSchema, idSchema } from '@saface/core';
import { z } from 'zod';
import { nameInput } from '../views.ts';

/** What an operator sets of a camera; the ranges are those that the agent checks again. */
export const cameraSettings = z.object({
  name: nameInput,
  scenarioId: idSchema,
  edgeServerId: idSchema.nullable(),
  ...cameraConfigSchema.pick({
    source: true,
    sampleRate: true,
    unpaced: true,
    minFaceSize: true,
    detectorThreshold: true,
  }).shape,
});
export type CameraSettings = z.infer<typeof cameraSettings>;
