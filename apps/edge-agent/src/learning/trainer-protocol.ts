import { describeError } from '@saface/core';
import { engineNames, providerChoices } from '@saface/engine/engines/index';
import { z } from 'zod';
import { isDiskFull } from '../control/vault.ts';

const engineSchema = z.object({ engine: z.enum(engineNames), provider: z.enum(providerChoices) });

/** What the edge tells its trainer process; structured clone over the IPC channel of `fork`. */
export const trainerOrderSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('train'),
    runId: z.string(),
    folder: z.string(),
    keyFile: z.string(),
    engine: engineSchema,
    threads: z.number().int().positive(),
    metric: z.enum(['euclidean', 'cosine']),
    championThreshold: z.number().positive(),
    /** Time of the oldest probe. */
    from: z.number(),
    /** Candidates that the same held-out tracks have judged before. */
    attempts: z.number().nonnegative(),
    /** Example triplets wanted back. */
    examples: z.number().int().nonnegative(),
  }),
  /** Measures B_max with this learner. */
  z.object({
    kind: z.literal('calibrate'),
    learner: z.instanceof(Uint8Array),
    engine: engineSchema,
    threads: z.number().int().positive(),
    metric: z.enum(['euclidean', 'cosine']),
  }),
  /** Answer to `ask-batch`: B_t of the interval that begins now. */
  z.object({ kind: z.literal('batch'), triplets: z.number().int().nonnegative() }),
  z.object({ kind: z.literal('cancel') }),
]);
export type TrainerOrder = z.infer<typeof trainerOrderSchema>;

export const exampleTripletSchema = z.object({
  /** Rows of the data set. */
  anchor: z.number().int(),
  positive: z.number().int(),
  negative: z.number().int(),
  positiveDistance: z.number(),
  negativeDistance: z.number(),
});
export type ExampleTriplet = z.infer<typeof exampleTripletSchema>;

/** One call of the training graph: what it cost, for B_max. */
export const stepCostSchema = z.object({ triplets: z.number(), milliseconds: z.number(), threads: z.number() });
export type StepCost = z.infer<typeof stepCostSchema>;

/** What the trainer process tells the edge. */
export const trainerNoteSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ask-batch') }),
  z.object({ kind: z.literal('examples'), triplets: z.array(exampleTripletSchema) }),
  stepCostSchema.extend({ kind: z.literal('step-cost') }),
  z.object({
    kind: z.literal('progress'),
    step: z.number().int(),
    loss: z.number(),
    activeShare: z.number(),
    microBatch: z.number(),
    score: z.number().nullable(),
  }),
  /** The result lies in the run's folder. */
  z.object({ kind: z.literal('done') }),
  z.object({ kind: z.literal('cancelled') }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
  /** The disk is full; the run goes on from its checkpoint when it has room again. */
  z.object({ kind: z.literal('no-room'), message: z.string() }),
]);
export type TrainerNote = z.infer<typeof trainerNoteSchema>;

/** The last word of a trainer that met an error. */
export const failureOf = (error: unknown): Extract<TrainerNote, { kind: 'failed' | 'no-room' }> => ({
  kind: isDiskFull(error) ? 'no-room' : 'failed',
  message: describeError(error).slice(0, 2000),
});
