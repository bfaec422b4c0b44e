import { z } from 'zod';
import { shownTextSchema, textSchema } from '../bounds.ts';
import { cameraConfigSchema, edgeConfigSchema, idSchema } from './config.ts';
import { outboxItemSchema } from './report.ts';

/**
 * The tRPC procedures that agents call, as data: the control plane builds its router from this table and the agents their
 * client, so neither needs the other's code. All but `enrol` need `Authorization: Bearer <agentId>.<secret>`.
 */

const hostSchema = z.object({
  hostname: textSchema.max(255),
  platform: textSchema.max(64),
  cpus: z.number().int().positive(),
  memory: z.number().int().positive(),
});

/** Hash of a configuration. */
const revisionSchema = textSchema.max(200);
/** Cameras or scenarios of one edge. What an agent reports is read with every look at Fleet, so it has to stay small. */
const MOST_REPORTED = 500;

export const cameraStateSchema = z.enum(['playing', 'reconnecting', 'ended', 'failed', 'offline']);

/** What the edge runs right now, against what it was told to: shown in Fleet, and how a rollback is known to be served. */
export const edgeReportedSchema = z.object({
  revision: revisionSchema.nullable(),
  /** Agent's clock, Unix epoch ms. */
  clock: z.number(),
  /** Where cameras reach this edge. */
  ingestUrl: textSchema.max(500),
  serving: z.array(z.object({ scenarioId: idSchema, versionId: idSchema })).max(MOST_REPORTED),
  measured: z.object({ nE: z.number(), bMax: z.number() }).nullable(),
  cameras: z
    .array(z.object({ cameraId: idSchema, state: cameraStateSchema, error: shownTextSchema(1000).nullable() }))
    .max(MOST_REPORTED),
  problems: z.array(shownTextSchema(1000)).max(50),
  outboxDepth: z.number().int(),
});
export type EdgeReported = z.infer<typeof edgeReportedSchema>;

export const cameraReportedSchema = z.object({
  revision: revisionSchema.nullable(),
  clock: z.number(),
  state: cameraStateSchema,
  error: shownTextSchema(1000).nullable(),
});
export type CameraReported = z.infer<typeof cameraReportedSchema>;

/** Orders from the UI that are not configuration; `id` is answered by the training run's next report. */
export const edgeCommandSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('train-now'), scenarioId: idSchema }),
  z.object({ kind: z.literal('cancel-run'), runId: idSchema }),
  z.object({ kind: z.literal('pause-run'), runId: idSchema }),
  z.object({ kind: z.literal('resume-run'), runId: idSchema }),
  z.object({ kind: z.literal('forget-identity'), identityId: idSchema }),
]);
export type EdgeCommand = z.infer<typeof edgeCommandSchema>;
/** Delivered until acknowledged in the next pull; the edge ignores ids it has handled. */
export const issuedCommandSchema = z.object({ id: idSchema, command: edgeCommandSchema });
export type IssuedCommand = z.infer<typeof issuedCommandSchema>;

const pullAnswer = <C extends z.ZodType>(config: C) =>
  z.object({
    status: z.enum(['pending', 'unchanged', 'changed']),
    /** Hash of the desired configuration. Null while pending. */
    revision: z.string().nullable(),
    serverTime: z.number(),
    /** Present when status is `changed`. */
    config: config.optional(),
  });

export const agentContract = {
  /** One-time token in, the agent's own credential out. The token is spent by this call. */
  enrol: {
    kind: 'mutation',
    input: z.object({
      token: textSchema.min(1).max(200),
      kind: z.enum(['edge', 'camera']),
      name: textSchema.min(1).max(100),
      version: textSchema.max(32),
      host: hostSchema,
    }),
    output: z.object({ agentId: idSchema, secret: z.string() }),
  },
  /** Called about once a second; cheap when nothing changed. */
  pullEdgeConfig: {
    kind: 'mutation',
    input: z.object({
      knownRevision: revisionSchema.nullable(),
      reported: edgeReportedSchema,
      acknowledged: z.array(idSchema).max(100),
    }),
    output: pullAnswer(edgeConfigSchema).extend({
      /** Cameras somebody is looking at right now. */
      preview: z.array(idSchema),
      commands: z.array(issuedCommandSchema),
    }),
  },
  pullCameraConfig: {
    kind: 'mutation',
    input: z.object({ knownRevision: revisionSchema.nullable(), reported: cameraReportedSchema }),
    output: pullAnswer(cameraConfigSchema),
  },
  /** `rejected` items are dropped by the agent and logged; everything else it may forget. */
  push: {
    kind: 'mutation',
    input: z.object({ items: z.array(outboxItemSchema).min(1).max(200) }),
    output: z.object({
      results: z.array(
        z.object({ id: idSchema, status: z.enum(['stored', 'duplicate', 'rejected']), message: z.string().nullable() }),
      ),
    }),
  },
} as const;

/** Largest body of a call, bytes: before it is parsed nobody knows who sends it. A full outbox batch with pictures stays well below its own. */
export const agentBodyBytes: Readonly<Record<AgentProcedure, number>> = {
  enrol: 16 << 10,
  pullEdgeConfig: 1 << 20,
  pullCameraConfig: 64 << 10,
  push: 64 << 20,
};

export type AgentContract = typeof agentContract;
export type AgentProcedure = keyof AgentContract;
export type AgentInput<P extends AgentProcedure> = z.input<AgentContract[P]['input']>;
export type AgentOutput<P extends AgentProcedure> = z.output<AgentContract[P]['output']>;
/** tRPC path of a procedure: agents live under one router. */
export const agentPath = (procedure: AgentProcedure): string => `agent.${procedure}`;

/** HTTP doors beside tRPC, where bytes travel. Same bearer credential. */
export const agentHttp = {
  /** tRPC's own door for agents: plain JSON, no transformer and no batching, whatever the browser's door speaks. */
  trpc: '/api/agent/trpc',
  artifact: (sha256: string) => `/api/agent/artifacts/${sha256}`, // GET, PUT (body = the bytes)
  preview: (cameraId: string) => `/api/agent/preview/${cameraId}`, // POST, body = encodeLiveFrame(...)
} as const;
