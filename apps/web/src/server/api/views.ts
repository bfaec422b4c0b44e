import {
  boxSchema,
  cameraStateSchema,
  decisionPolicySchema,
  gateVerdictSchema,
  idSchema,
  labelFreeScoreSchema,
  learningPolicySchema,
  lossPointSchema,
  modelCutSchema,
  modelImportReportSchema,
  newVersionSchema,
  pretrainingSettingsSchema,
  quietHoursSchema,
  schedulingPolicySchema,
  shadowReportSchema,
  sourceConfigSchema,
  thresholdReportSchema,
  watchReportSchema,
} from '@saface/core';
import { z } from 'zod';

/** What the UI is given. All times are Unix epoch milliseconds. */
export const refView = z.object({ id: z.string(), name: z.string() });
export const versionRefView = z.object({ id: z.string(), label: z.string() });
export const idView = z.object({ id: z.string() });
/** Nothing or an empty object. */
export const noInput = z.object({}).optional();
export const byId = z.object({ id: idSchema });
export const nameInput = z.string().trim().min(1, 'a name is needed').max(100, 'a name has at most 100 characters');
export const reasonInput = z
  .string()
  .trim()
  .min(3, 'say why, in a few words')
  .max(500, 'a reason has at most 500 characters');
export const pageInput = z.object({
  cursor: z.string().max(200).nullish(),
  limit: z.number().int().min(1).max(200).default(50),
});
const time = z.number();
const maybeTime = z.number().nullable();

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

export const eventView = z.object({
  id: z.string(),
  site: refView,
  camera: refView,
  scenario: refView,
  trackId: z.number(),
  decision: z.enum(['recognised', 'unknown']),
  identity: refView.nullable(),
  distance: z.number().nullable(),
  runnerUp: refView.nullable(),
  runnerUpDistance: z.number().nullable(),
  threshold: z.number(),
  version: versionRefView,
  firstSeen: time,
  lastSeen: time,
  probes: z.number(),
  quality: z.number(),
  box: boxSchema,
  cropUrl: z.string().nullable(),
  ended: z.boolean(),
  review: z.enum(['none', 'confirmed', 'rejected', 'assigned']),
  reviewedIdentity: refView.nullable(),
  reviewedBy: z.string().nullable(),
  reviewedAt: maybeTime,
});
export type EventView = z.infer<typeof eventView>;

export const legalBases = [
  'consent',
  'contract',
  'legal-obligation',
  'vital-interests',
  'public-task',
  'legitimate-interest',
] as const;
export const consentInput = z.object({
  purpose: z.string().trim().min(3, 'say what the person is enrolled for').max(500),
  basis: z.enum(legalBases),
  expiresAt: z.number().nullable(),
  note: z.string().max(2000),
});
export const consentView = z.object({
  purpose: z.string(),
  basis: z.enum(legalBases),
  expiresAt: maybeTime,
  note: z.string(),
  recordedBy: z.string(),
  recordedAt: time,
});
export const imageView = z.object({
  id: z.string(),
  fileName: z.string(),
  status: z.enum(['pending', 'accepted', 'rejected']),
  reason: z.string().nullable(),
  quality: z.number().nullable(),
  duplicateOf: refView.nullable(),
  source: z.enum(['upload', 'event', 'seed']),
  pictureUrl: z.string().nullable(),
  cropUrl: z.string().nullable(),
  createdAt: time,
  checkedAt: maybeTime,
});
export const identityView = z.object({
  id: z.string(),
  name: z.string(),
  galleries: z.array(refView),
  images: z.array(imageView),
  consent: consentView,
  /** Learnt from tracks recognised as this person. */
  versions: z.array(versionRefView.extend({ scenarioName: z.string(), retired: z.boolean() })),
  createdAt: time,
  lastSeenAt: maybeTime,
});
export type IdentityView = z.infer<typeof identityView>;
export const identityRowView = z.object({
  id: z.string(),
  name: z.string(),
  galleries: z.array(refView),
  images: z.object({ accepted: z.number(), pending: z.number(), rejected: z.number() }),
  pictureUrl: z.string().nullable(),
  consentExpiresAt: maybeTime,
  createdAt: time,
  lastSeenAt: maybeTime,
});
export type IdentityRowView = z.infer<typeof identityRowView>;
export const receiptView = z.object({
  id: z.string(),
  identityId: z.string(),
  erasedAt: time,
  requestedBy: z.string(),
  reason: z.string(),
  pictures: z.number(),
  crops: z.number(),
  templates: z.number(),
  events: z.number(),
  triplets: z.number(),
  edgesNotified: z.array(refView),
  versions: z.array(versionRefView.extend({ scenarioName: z.string(), retired: z.boolean() })),
});
export type ReceiptView = z.infer<typeof receiptView>;

/** When a scenario trains on one of the edges that serve it. */
export const scheduleView = z.object({
  edge: refView,
  mode: schedulingPolicySchema.shape.mode,
  intervalMinutes: z.number(),
  quietHours: z.array(quietHoursSchema),
});

export const aliasNames = ['champion', 'candidate', 'shadow', 'previous'] as const;
export const scenarioView = z.object({
  id: z.string(),
  name: z.string(),
  site: refView,
  baseModel: refView.extend({ defaultThreshold: z.number(), metric: z.enum(['euclidean', 'cosine']) }),
  galleries: z.array(refView),
  cameras: z.array(refView),
  decision: decisionPolicySchema,
  learning: learningPolicySchema,
  schedules: z.array(scheduleView),
  aliases: z.record(z.enum(aliasNames), versionRefView.nullable()),
  versions: z.number(),
});
export type ScenarioView = z.infer<typeof scenarioView>;
/** A scenario on its way to another base model, or that did not get there. */
export const moveView = z.object({
  id: z.string(),
  status: z.enum(['preparing', 'failed']),
  baseModel: refView,
  reason: z.string(),
  requestedBy: z.string(),
  pictures: z.number(),
  prepared: z.number(),
  error: z.string().nullable(),
  createdAt: time,
  endedAt: maybeTime,
});
export type MoveView = z.infer<typeof moveView>;
export const scenarioDetailView = scenarioView.extend({ move: moveView.nullable() });
export const scenarioSettings = z.object({
  name: nameInput,
  galleryIds: z.array(idSchema).max(100),
  decision: decisionPolicySchema,
  learning: learningPolicySchema,
});

export const baseModelView = refView.extend({
  licence: z.string().nullable(),
  source: z.string().nullable(),
  dimension: z.number(),
  metric: z.enum(['euclidean', 'cosine']),
  defaultThreshold: z.number(),
  inputSize: z.number(),
  channels: z.enum(['rgb', 'bgr']),
  defaultCut: z.string(),
  /** What lies on each side of the default cut, when it was counted. */
  cut: modelCutSchema.nullable(),
  bytes: z.number(),
  scenarios: z.array(refView),
  learntVersions: z.number(),
  detector: refView,
  createdAt: time,
});
export type BaseModelView = z.infer<typeof baseModelView>;
export const detectorView = refView.extend({
  family: z.string(),
  licence: z.string().nullable(),
  source: z.string().nullable(),
  bytes: z.number(),
  /** Which base models are served with it. */
  baseModels: z.array(refView),
  createdAt: time,
});
export type DetectorView = z.infer<typeof detectorView>;
export const importView = z.object({
  id: z.string(),
  status: z.enum(['pending', 'ready', 'refused', 'confirmed']),
  fileName: z.string(),
  bytes: z.number(),
  report: modelImportReportSchema.nullable(),
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  /** What it has become. */
  baseModelId: z.string().nullable(),
  detectorId: z.string().nullable(),
  requestedBy: z.string(),
  createdAt: time,
  checkedAt: maybeTime,
});
export type ImportView = z.infer<typeof importView>;

export const pretrainingView = z.object({
  id: z.string(),
  name: z.string(),
  folder: z.string(),
  settings: pretrainingSettingsSchema,
  status: z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']),
  note: z.string().nullable(),
  step: z.number(),
  steps: z.number(),
  epoch: z.number(),
  picturesPerSecond: z.number().nullable(),
  error: z.string().nullable(),
  baseModelId: z.string().nullable(),
  requestedBy: z.string(),
  createdAt: time,
  startedAt: maybeTime,
  endedAt: maybeTime,
});
export type PretrainingView = z.infer<typeof pretrainingView>;
export const pretrainingDetailView = pretrainingView.extend({
  points: z.array(z.object({ step: z.number(), time, loss: z.number(), heldOut: z.number().nullable() })),
  /** Pictures that were left out, with the reason. */
  skipped: z.array(z.string()),
});
export type PretrainingDetailView = z.infer<typeof pretrainingDetailView>;

export const evaluationView = z.object({
  id: z.string(),
  versionId: z.string(),
  versionLabel: z.string(),
  scenario: refView,
  dataset: z.string(),
  source: z.string(),
  accuracy: z.number(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  tarAtFar1e2: z.number(),
  eer: z.number().nullable(),
  genuine: z.number(),
  impostor: z.number(),
  createdBy: z.string(),
  createdAt: time,
});
export type EvaluationView = z.infer<typeof evaluationView>;
export const versionView = z.object({
  id: z.string(),
  scenarioId: z.string(),
  number: z.number(),
  label: z.string(),
  parentId: z.string().nullable(),
  baseModel: refView,
  /** Of the base model that the scenario is on; others cannot go live. */
  applies: z.boolean(),
  cut: z.string().nullable(),
  threshold: z.number().nullable(),
  /** What the scenario's false-alarm budget asks for, when the edge could place it. */
  budget: thresholdReportSchema.nullable(),
  retired: z.object({ at: time, by: z.string(), reason: z.string() }).nullable(),
  createdAt: time,
  aliases: z.array(z.enum(aliasNames)),
  verdict: gateVerdictSchema.nullable(),
  provenance: newVersionSchema.shape.provenance.nullable(),
  runId: z.string().nullable(),
  evaluations: z.array(evaluationView),
  events: z.number(),
});
export type VersionView = z.infer<typeof versionView>;
export const deploymentView = z.object({
  id: z.string(),
  kind: z.enum(['initial', 'promote', 'auto', 'rollback', 'rebase', 'watch', 'retire']),
  from: versionRefView.nullable(),
  to: versionRefView,
  actor: z.string(),
  reason: z.string(),
  at: time,
});
export type DeploymentView = z.infer<typeof deploymentView>;
/** Versions beside each other on live tracks. */
export const comparisonsView = z.object({
  /** Tracks that a shadow must hold on; 0 = the scenario wants no shadow. */
  wanted: z.number(),
  shadow: shadowReportSchema.nullable(),
  watch: watchReportSchema.nullable(),
});
export type ComparisonsView = z.infer<typeof comparisonsView>;
const usage = z.object({ events: z.number(), recognised: z.number(), medianDistance: z.number().nullable() });
export const comparisonView = z.object({
  a: versionView,
  b: versionView,
  labelFree: z.object({
    a: labelFreeScoreSchema.nullable(),
    b: labelFreeScoreSchema.nullable(),
    gain: z.object({ mean: z.number(), low: z.number(), high: z.number() }).nullable(),
    note: z.string(),
  }),
  labelled: z.array(z.object({ dataset: z.string(), a: evaluationView.nullable(), b: evaluationView.nullable() })),
  inUse: z.object({ a: usage, b: usage }),
});
export type ComparisonView = z.infer<typeof comparisonView>;
export const servedView = z.object({
  edge: refView,
  desired: versionRefView.nullable(),
  served: versionRefView.nullable(),
  inSync: z.boolean(),
  lastSeenAt: maybeTime,
});
export type ServedView = z.infer<typeof servedView>;

export const runStatuses = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled'] as const;
export const runView = z.object({
  id: z.string(),
  scenario: refView,
  edge: refView,
  status: z.enum(runStatuses),
  reason: z.string().nullable(),
  parent: versionRefView.nullable(),
  candidate: versionRefView.nullable(),
  tracks: z.number(),
  triplets: z.number(),
  steps: z.number(),
  queuedAt: time,
  startedAt: maybeTime,
  endedAt: maybeTime,
  verdict: gateVerdictSchema.nullable(),
  error: z.string().nullable(),
  lastLoss: z.number().nullable(),
  lastActiveShare: z.number().nullable(),
});
export type RunView = z.infer<typeof runView>;
export const runDetailView = runView.extend({
  points: z.array(lossPointSchema),
  /** Pictures of some of the triplets; `triplets` is how many there are. */
  tripletExamples: z.array(
    z.object({
      id: z.string(),
      anchorUrl: z.string(),
      positiveUrl: z.string(),
      negativeUrl: z.string(),
      positiveDistance: z.number(),
      negativeDistance: z.number(),
    }),
  ),
});
export type RunDetailView = z.infer<typeof runDetailView>;

export const measuredView = z.object({ nE: z.number(), bMax: z.number() });
export const edgePolicyView = z.object({
  edge: refView,
  site: refView,
  policy: schedulingPolicySchema,
  measured: measuredView.nullable(),
  lastSeenAt: maybeTime,
  inSync: z.boolean(),
});
export type EdgePolicyView = z.infer<typeof edgePolicyView>;

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

export const overviewView = z.object({
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
      alerts: z.array(
        z.object({ severity: z.enum(['error', 'warning']), message: z.string(), remedy: z.string(), href: z.string() }),
      ),
    }),
  ),
});
export type OverviewView = z.infer<typeof overviewView>;
export type OverviewSite = OverviewView['sites'][number];

export const auditView = z.object({
  sequence: z.number(),
  at: time,
  actor: z.string(),
  action: z.string(),
  subjectKind: z.string(),
  subjectId: z.string(),
  data: z.record(z.string(), z.unknown()),
  hash: z.string(),
});
export type AuditView = z.infer<typeof auditView>;
