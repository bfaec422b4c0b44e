import { z } from 'zod';
import { idSchema } from '../agents/config.ts';

/**
 * Every BullMQ queue of the product: payloads carry ids, rows carry state. Workers parse payloads again and throw
 * BullMQ's UnrecoverableError on a bad one.
 */
export const queues = {
  /** Edge Redis. One job per fine-tuning run of a scenario's learner. */
  training: { name: 'saface-training', payload: z.object({ runId: idSchema, scenarioId: idSchema }) },
  /** Control plane Redis. Quality check and alignment of one uploaded enrolment picture. */
  enrolmentCheck: { name: 'saface-enrolment-check', payload: z.object({ enrolmentImageId: idSchema }) },
  /** Control plane Redis. Reads an uploaded recogniser: what it is, how it wants its pictures, where it can be cut. */
  modelImport: { name: 'saface-model-import', payload: z.object({ modelImportId: idSchema }) },
  /** Control plane Redis. Aligns enrolled pictures for another base model, then moves the scenario to it. */
  baseModelMove: { name: 'saface-base-model-move', payload: z.object({ moveId: idSchema }) },
  /** Control plane Redis. Trains a base model from nothing, in a process of its own. */
  pretraining: { name: 'saface-pretraining', payload: z.object({ pretrainingId: idSchema }) },
  /** Control plane Redis. Deletes what its retention period has passed. */
  retention: { name: 'saface-retention', payload: z.object({}) },
} as const;

export type QueueKey = keyof typeof queues;
export type QueuePayload<Q extends QueueKey> = z.output<(typeof queues)[Q]['payload']>;
