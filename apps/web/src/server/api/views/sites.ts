import { cameraStateSchema, sourceConfigSchema } from '@saface/core';
import { z } from 'zod';
import { maybeTime, refView, time, versionRefView } from './common.ts';
import { measuredView } from './training.ts';

export const cameraView = z.object({
  id: z.string(),
  name: z.string(),
  site: refView,
  scenario: refView,
  edge: refView.nullable(),
  source: sourceConfigSchema,
  sampleRate: z.number(),
  unpaced: z.boolean(),
  minFaceSize: z.number(),
  detectorThreshold: z.number(),
  state: cameraStateSchema,
  error: z.string().nullable(),
  agentStatus: z.enum(['none', 'pending', 'accepted', 'revoked']),
  lastSeenAt: maybeTime,
});
export type CameraView = z.infer<typeof cameraView>;

export const agentView = z.object({
  id: z.string(),
  kind: z.enum(['edge', 'camera']),
  status: z.enum(['pending', 'accepted', 'revoked']),
  name: z.string(),
  version: z.string(),
  host: z.object({ hostname: z.string(), platform: z.string(), cpus: z.number(), memory: z.number() }),
  target: refView.nullable(),
  online: z.boolean(),
  lastSeenAt: maybeTime,
  clockSkewMs: z.number().nullable(),
  desiredRevision: z.string().nullable(),
  reportedRevision: z.string().nullable(),
  inSync: z.boolean(),
  problems: z.array(z.string()),
  createdAt: time,
});
export type AgentView = z.infer<typeof agentView>;
export const fleetView = z.object({
  edges: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      site: refView,
      cameras: z.number(),
      agent: agentView.nullable(),
      ingestUrl: z.string().nullable(),
      serving: z.array(z.object({ scenario: refView, version: versionRefView })),
      measured: measuredView.nullable(),
      outboxDepth: z.number().nullable(),
    }),
  ),
  cameras: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      site: refView,
      edge: refView.nullable(),
      agent: agentView.nullable(),
    }),
  ),
  pending: z.array(agentView),
});
export type FleetView = z.infer<typeof fleetView>;
export const tokenView = z.object({
  id: z.string(),
  kind: z.enum(['edge', 'camera']),
  target: refView.nullable(),
  site: refView,
  note: z.string(),
  autoAccept: z.boolean(),
  createdBy: z.string(),
  createdAt: time,
  expiresAt: time,
  state: z.enum(['open', 'used', 'expired', 'revoked']),
});
export type TokenView = z.infer<typeof tokenView>;

export const liveCameraView = z.object({
  id: z.string(),
  name: z.string(),
  site: refView,
  scenario: refView,
  state: cameraStateSchema,
  error: z.string().nullable(),
  framesPerSecond: z.number().nullable(),
  probesPerSecond: z.number().nullable(),
  latency: z.number().nullable(),
  funnel: z.object({
    seconds: z.number(),
    frames: z.number().nullable(),
    faces: z.number().nullable(),
    goodCrops: z.number().nullable(),
    matched: z.number(),
  }),
});
export type LiveCameraView = z.infer<typeof liveCameraView>;

const alertsView = z.array(
  z.object({ severity: z.enum(['error', 'warning']), message: z.string(), remedy: z.string(), href: z.string() }),
);

export const overviewView = z.object({
  /** Of no one site. */
  alerts: alertsView,
  sites: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      cameras: z.object({ up: z.number(), total: z.number() }),
      edges: z.object({ up: z.number(), total: z.number() }),
      probesPerSecond: z.number().nullable(),
      recognised: z.number(),
      unknown: z.number(),
      trainingRunning: z.number(),
      scenarios: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          version: versionRefView.nullable(),
          accuracy: z.number().nullable(),
          baseAccuracy: z.number().nullable(),
        }),
      ),
      alerts: alertsView,
    }),
  ),
});
export type OverviewView = z.infer<typeof overviewView>;
export type OverviewSite = OverviewView['sites'][number];
