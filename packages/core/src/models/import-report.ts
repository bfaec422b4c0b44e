import { z } from 'zod';
import { recogniserSpecSchema } from '../agents/config.ts';

const side = z.object({ parameters: z.number().int().nonnegative(), flops: z.number().nonnegative() });

/** A place where a recogniser can be cut into extractor and learner, with what lies on each side (FLOPs of one face). */
export const modelCutSchema = z.object({
  /** Name of the tensor that crosses. */
  tensor: z.string().min(1),
  /** Shape of one sample's features there. */
  shape: z.array(z.number().int()),
  extractor: side,
  learner: side,
  /** Why nothing can be learnt behind this place, as an operator's name; null when it can. */
  obstacle: z.string().nullable(),
});
export type ModelCut = z.infer<typeof modelCutSchema>;

/** What was tried on sample faces because the file does not say it. */
export const modelProbeSchema = z.object({
  /** The thing that was found out, as `channel order`. */
  subject: z.string(),
  chosen: z.string(),
  /** Between 0 (a guess) and 1 (the others fail). */
  confidence: z.number().min(0).max(1),
  /** What was compared and how it came out, for people. */
  detail: z.string(),
});
export type ModelProbe = z.infer<typeof modelProbeSchema>;

/** What an import found in a recogniser's file, for an engineer to confirm or correct. */
export const recogniserImportReportSchema = z.object({
  kind: z.literal('recogniser'),
  spec: recogniserSpecSchema,
  cuts: z.array(modelCutSchema),
  probes: z.array(modelProbeSchema),
  /** What was changed to make it run here. */
  notes: z.array(z.string()),
  /** Why it may not be a face recogniser at all; absent in reports of before there were doubts. */
  doubt: z.string().nullable().default(null),
});
export type RecogniserImportReport = z.infer<typeof recogniserImportReportSchema>;

/** What an import found in a detector's file. */
export const detectorImportReportSchema = z.object({
  kind: z.literal('detector'),
  name: z.string(),
  /** How its outputs are read, as `yunet`. */
  family: z.string(),
  /** True when it finds the five landmarks itself. */
  landmarks: z.boolean(),
  /** Faces on sample pictures: how many of those that the built-in detector sees it finds, and how many more. */
  samples: z.object({ known: z.number().int(), found: z.number().int(), more: z.number().int() }),
});
export type DetectorImportReport = z.infer<typeof detectorImportReportSchema>;

export const modelImportReportSchema = z.discriminatedUnion('kind', [
  recogniserImportReportSchema,
  detectorImportReportSchema,
]);
export type ModelImportReport = z.infer<typeof modelImportReportSchema>;
