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
  /** Control plane Redis. Deletes what its retention period has passed. */
  retention: { name: 'saface-retention', payload: z.object({}) },
} as const;

export type QueueKey = keyof typeof queues;
export type QueuePayload<Q extends QueueKey> = z.output<(typeof queues)[Q]['payload']>;
