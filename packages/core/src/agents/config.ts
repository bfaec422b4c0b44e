import { z } from 'zod';
import { textSchema } from '../bounds.ts';
import { pointSchema } from '../probe.ts';
import { intervalMinutesSchema, quietHoursSchema, schedulingPolicySchema } from '../scheduling/policy.ts';

export const idSchema = textSchema.min(1).max(64);
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'a sha256 is 64 hex digits');

/** A file in the control plane's artifact store; agents fetch it with GET /api/agent/artifacts/<sha256> and check the hash. */
export const artifactRefSchema = z.object({ sha256: sha256Schema, bytes: z.number().int().positive() });
export type ArtifactRef = z.infer<typeof artifactRefSchema>;

/** The JSON form of ports.ts' AlignmentSpec; configurations from before there were two forms are of the first. */
export const alignmentSchema = z.union([
  z.object({ size: z.number().int().positive(), template: z.array(pointSchema).length(5) }),
  z.object({ size: z.number().int().positive(), crop: z.literal('box') }),
]);

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** Everything an edge must know to run a recogniser's ONNX file; the JSON form of ports.ts' InputSpec and AlignmentSpec. */
export const recogniserSpecSchema = z.object({
  name: z.string().min(1),
  input: z.object({ size: z.number().int().positive(), channels: z.enum(['rgb', 'bgr']), mean: triple, scale: triple }),
  alignment: alignmentSchema,
  dimension: z.number().int().positive(),
  metric: z.enum(['euclidean', 'cosine']),
  /** Name of the tensor where the network is cut into extractor and learner. */
  defaultCut: z.string().min(1),
  /** Distance below which two faces are one person, before anything is known of a scenario. */
  defaultThreshold: z.number().positive(),
});
export type RecogniserSpec = z.infer<typeof recogniserSpecSchema>;

export const baseModelSchema = z.object({
  id: idSchema,
  recogniser: recogniserSpecSchema,
  recogniserArtifact: artifactRefSchema,
});
export type BaseModelConfig = z.infer<typeof baseModelSchema>;

/** A version as the edge serves it. `learner: null` is the base model itself. */
export const servedVersionSchema = z.object({
  id: idSchema,
  label: z.string(),
  learner: artifactRefSchema.nullable(),
  /** The distance that this version decides with in its scenario, whoever placed it; null = the base model's default. */
  threshold: z.number().positive().nullable(),
});
export type ServedVersion = z.infer<typeof servedVersionSchema>;

export const decisionPolicySchema = z.object({
  /**
   * An operator's own, as a distance under the base model. It goes before the budget's and the version's; each version counts it on its own
   * scale, see `newVersionSchema.distanceScale`. Edges get null, and what follows from it with each version.
   */
  threshold: z.number('the threshold must be a number').positive('the threshold must be above 0').nullable(),
  /**
   * False names that are bearable, per camera and week: the threshold follows from it as soon as the edge has seen enough
   * different people. Null leaves it to the version, and to what
   * the edge sees of people who are near a second one.
   */
  falseAlarmsPerWeek: z
    .number('the budget must be a number of false alarms')
    .positive('the budget must be above 0, for example 1')
    .max(10_000, 'the budget must be at most 10,000')
    .nullable()
    .default(null),
  /** How much nearer the best identity must be than the runner-up, as a share of the threshold in force. */
  margin: z
    .number('the margin must be a number')
    .min(0, 'the margin must be at least 0')
    .max(1, 'the margin is a share of the threshold, at most 1'),
  /** Probes of a track needed before a decision. */
  minProbes: z.number().int().min(1).max(50),
  /** Probes below this quality do not take part in decisions or training. */
  minQuality: z.number().min(0).max(1),
});
export type DecisionPolicy = z.infer<typeof decisionPolicySchema>;

export const learningPolicySchema = z.object({
  enabled: z.boolean(),
  /** A candidate that passes the gate goes live without a person's click. */
  autoPromote: z.boolean(),
  /** Triplets that must be waiting before an always-on job starts. */
  minTriplets: z.number().int().min(8).max(100_000),
  /** Kept probes per scenario, the bound of the track store. */
  maxProbes: z.number().int().min(100).max(1_000_000),
  /** When it trains; `as-edge` leaves it to the scheduling policy of each edge that serves it. See `scheduleOf`. */
  mode: z.enum(['as-edge', 'always-on', 'periodic']).default('as-edge'),
  /** Of the periodic mode. */
  intervalMinutes: intervalMinutesSchema.default(60),
  /** Live tracks that a candidate must hold on beside the champion before it may go live; 0 = the gate alone decides. */
  shadowTracks: z.number().int().min(0).max(10_000).default(20),
  /** No training of this scenario between these local times of the edge, or null. */
  quietHours: quietHoursSchema.nullable().default(null),
});
export type LearningPolicy = z.infer<typeof learningPolicySchema>;

export const edgeScenarioSchema = z.object({
  id: idSchema,
  name: z.string(),
  baseModelId: idSchema,
  champion: servedVersionSchema,
  /** Kept warm on the edge so that a rollback needs no re-embedding. */
  previous: servedVersionSchema.nullable(),
  /** A candidate that runs beside the champion on live tracks and decides nothing. */
  shadow: servedVersionSchema.nullable().default(null),
  /** What the champion was trained from, while it is watched against that. */
  parent: servedVersionSchema.nullable().default(null),
  galleryIds: z.array(idSchema),
  decision: decisionPolicySchema,
  learning: learningPolicySchema,
});
export type EdgeScenario = z.infer<typeof edgeScenarioSchema>;

/** An aligned RGB crop (lossless PNG) for one base model's alignment; without one, for whichever the edge serves. */
export const enrolledCropSchema = artifactRefSchema.extend({ baseModelId: idSchema.optional() });
export type EnrolledCrop = z.infer<typeof enrolledCropSchema>;

/** An enrolled person. */
export const edgeIdentitySchema = z.object({
  id: idSchema,
  name: z.string(),
  galleryIds: z.array(idSchema),
  crops: z.array(enrolledCropSchema),
});
export type EdgeIdentity = z.infer<typeof edgeIdentitySchema>;

/** A person's crops as `baseModelId` wants them: those of another base are aligned otherwise. */
export const cropsFor = ({ crops }: EdgeIdentity, baseModelId: string): EnrolledCrop[] =>
  crops.filter((crop) => crop.baseModelId === undefined || crop.baseModelId === baseModelId);

export const edgeCameraSchema = z.object({
  id: idSchema,
  name: z.string(),
  scenarioId: idSchema,
  /** sha256 of the key that the camera presents as `Authorization: Bearer` on /ingest. */
  ingestKeySha256: sha256Schema,
});

export const edgeConfigSchema = z.object({
  edgeId: idSchema,
  name: z.string(),
  siteId: idSchema,
  policy: schedulingPolicySchema,
  baseModels: z.array(baseModelSchema),
  scenarios: z.array(edgeScenarioSchema),
  cameras: z.array(edgeCameraSchema),
  identities: z.array(edgeIdentitySchema),
});
export type EdgeConfig = z.infer<typeof edgeConfigSchema>;

export const sourceConfigSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), path: z.string().min(1), loop: z.boolean() }),
  z.object({ kind: z.literal('rtsp'), url: z.string().regex(/^rtsps?:\/\//, 'an RTSP address starts with rtsp://') }),
  z.object({
    kind: z.literal('http'),
    url: z.string().regex(/^https?:\/\//, 'an HTTP address starts with http:// or https://'),
  }),
  z.object({
    kind: z.literal('device'),
    path: z.string().regex(/^\/dev\/video\d+$/, 'a V4L2 device is /dev/video0, /dev/video1, ...'),
  }),
  z.object({
    kind: z.literal('simulator'),
    scenario: z.enum(['corridor', 'entrance']),
    seed: z.number().int(),
    loop: z.boolean(),
    /** Plays only this leading share of the video, so that the rest stays unseen for evaluation. */
    share: z.number().gt(0).max(1),
    /** Length of the whole video; rendering takes a few times as long. */
    seconds: z.number().int().min(5, 'the video must last at least 5 seconds').max(3600).default(60),
  }),
]);
export type SourceConfig = z.infer<typeof sourceConfigSchema>;

export const cameraConfigSchema = z.object({
  cameraId: idSchema,
  name: z.string(),
  source: sourceConfigSchema,
  /** R_C: frames per second handed to detection. */
  sampleRate: z.number().min(0.2).max(60),
  /** Frames after the media clock (false: a live camera, late frames are dropped) or as fast as the edge takes them (true: files, nothing is lost). */
  unpaced: z.boolean(),
  minFaceSize: z.number().int().min(12).max(400),
  detectorThreshold: z.number().min(0.05).max(0.99),
  alignment: alignmentSchema,
  detectorArtifact: artifactRefSchema,
  landmarksArtifact: artifactRefSchema,
  edge: z.object({ url: z.string().regex(/^wss?:\/\//), ingestKey: z.string().min(16) }).nullable(),
});
export type CameraConfig = z.infer<typeof cameraConfigSchema>;
