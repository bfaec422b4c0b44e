import { z } from 'zod';

const share = z.number().min(0).max(1);

/** How well faces of held-out people are told apart; see `VerificationReport`. */
export const pretrainVerificationSchema = z.object({
  people: z.number().int().positive(),
  pictures: z.number().int().positive(),
  genuinePairs: z.number().int().positive(),
  impostorPairs: z.number().int().positive(),
  accuracy: share,
  auc: share,
  eer: share,
  tarAtFar1e2: share,
  /** Distance of unit embeddings at which `accuracy` is reached. */
  threshold: z.number().positive(),
});
export type PretrainVerification = z.infer<typeof pretrainVerificationSchema>;

/** One epoch as it went. */
export const pretrainEpochSchema = z.object({
  /** From 1 on. */
  epoch: z.number().int().positive(),
  /** Mean cross-entropy over the epoch's steps, margin included. */
  loss: z.number(),
  /** Share of training pictures whose own class came out first. */
  accuracy: share,
  verification: pretrainVerificationSchema,
});
export type PretrainEpoch = z.infer<typeof pretrainEpochSchema>;

/** What a pre-training says of itself while it runs: plain JSON, fit for a job's progress and a live curve. */
export const pretrainProgressSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('resumed'), step: z.number().int(), epoch: z.number().int() }),
  z.object({
    kind: z.literal('step'),
    /** Steps done, of `steps`. */
    step: z.number().int(),
    steps: z.number().int(),
    epoch: z.number().int(),
    epochs: z.number().int(),
    loss: z.number(),
    /** Of this batch. */
    accuracy: share,
    learningRate: z.number(),
    picturesPerSecond: z.number(),
  }),
  z.object({ kind: z.literal('epoch'), epochs: z.number().int(), ...pretrainEpochSchema.shape }),
  z.object({ kind: z.literal('checkpoint'), step: z.number().int(), bytes: z.number().int() }),
]);
export type PretrainProgress = z.infer<typeof pretrainProgressSchema>;
