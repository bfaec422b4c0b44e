import { createHash } from 'node:crypto';
import type {
  DecisionPolicy,
  LearningPolicy,
  RecogniserSpec,
  Role,
  SchedulingPolicy,
  SourceConfig,
} from '@saface/core';
import { type ArtifactStore, createArtifactStore } from '../artifact-store.ts';
import type { Prisma, PrismaClient } from '../client.ts';
import { newIngestKey } from '../ingest-key.ts';
import { appendAudit } from '../repositories/audit.ts';
import { createUserWithPassword } from '../repositories/users.ts';
import { deletedOf, ensure } from './ensure.ts';

export interface DemoPicture {
  readonly fileName: string;
  /** As uploaded, JPEG. */
  readonly picture: Uint8Array;
  /** Aligned for the recogniser, PNG. */
  readonly crop: Uint8Array;
  readonly quality: number;
}

export interface DemoCamera {
  /** Scenario and camera carry fixed ids made of it. */
  readonly key: string;
  readonly name: string;
  readonly scenarioName: string;
  readonly source: SourceConfig;
  readonly sampleRate: number;
  readonly unpaced: boolean;
  /** One-time token of its agent, accepted without a click. */
  readonly token: string;
  readonly minFaceSize?: number;
  readonly detectorThreshold?: number;
}

export interface DemoSeed {
  /** SAFACE_HOME of the control plane and the key of SAFACE_KEY_FILE. */
  readonly home: string;
  readonly key: Buffer;
  readonly recogniserSpec: RecogniserSpec;
  readonly licence: string;
  readonly detector: { readonly name: string; readonly family: string; readonly licence: string };
  /** ONNX files. */
  readonly files: { readonly recogniser: Uint8Array; readonly detector: Uint8Array; readonly landmarks: Uint8Array };
  readonly siteName?: string;
  readonly edge: { readonly name: string; readonly token: string; readonly policy: SchedulingPolicy };
  readonly cameras: readonly DemoCamera[];
  readonly decision: DecisionPolicy;
  readonly learning: LearningPolicy;
  readonly people: readonly { readonly name: string; readonly pictures: readonly DemoPicture[] }[];
  readonly users: readonly {
    readonly name: string;
    readonly email: string;
    readonly password: string;
    readonly role: Role;
  }[];
  /** better-auth's `hashPassword` (better-auth/crypto). */
  readonly hashPassword: (password: string) => Promise<string>;
}

export interface SeededDemo {
  readonly siteId: string;
  readonly edgeId: string;
  readonly baseModelId: string;
  readonly galleryId: string;
  /** False once somebody has deleted it. */
  readonly hasEdge: boolean;
  /** Without those that somebody has deleted. */
  readonly cameras: readonly { readonly key: string; readonly cameraId: string; readonly scenarioId: string }[];
}

const GALLERY = 'demo-gallery-staff';
const SITE = 'demo-site';
const EDGE = 'demo-edge';
/** Tokens of the demo are derived from the machine's own secrets and used at once. */
const TOKEN_YEARS = 10;
const actor = { id: null, name: 'demo set-up' };

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

const scenarioIdOf = (key: string) => `demo-scenario-${key}`;
const cameraIdOf = (key: string) => `demo-camera-${key}`;

/**
 * Brings the demo's site into being: what is there stays as people left it, what is missing is added unless somebody has deleted it, what
 * the caller owns (sources of the cameras, sampling) follows the caller. Rows have fixed ids, so a second run changes nothing.
 */
export async function seedDemo(prisma: PrismaClient, seed: DemoSeed): Promise<SeededDemo> {
  const artifacts = createArtifactStore(seed.home, seed.key);
  const baseModelId = await seedBaseModel(prisma, artifacts, seed);
  await seedUsers(prisma, seed);
  const keys = seed.cameras.map(({ key }) => key);
  const deleted = await deletedOf(prisma, [SITE, EDGE, GALLERY, ...keys.map(scenarioIdOf), ...keys.map(cameraIdOf)]);
  const fresh = (await prisma.site.findUnique({ where: { id: SITE } })) === null && !deleted.has(SITE);
  const data = { name: seed.siteName ?? 'Harbour House' };
  if (!(await ensure(prisma.site, { id: SITE, data, deleted }))) {
    return { siteId: SITE, edgeId: EDGE, baseModelId, galleryId: GALLERY, hasEdge: false, cameras: [] };
  }
  const hasGallery = await ensure(prisma.gallery, {
    id: GALLERY,
    data: { name: 'Staff', description: 'Simulated people of the demo' },
    deleted,
  });
  const { name, policy, token } = seed.edge;
  const hasEdge = await ensure(prisma.edgeServer, { id: EDGE, data: { siteId: SITE, name, policy }, deleted });
  if (hasEdge) await seedToken(prisma, { token, kind: 'edge', edgeServerId: EDGE });
  const cameras: SeededDemo['cameras'][number][] = [];
  for (const camera of seed.cameras) {
    const seeded = await seedCamera(prisma, seed, { camera, baseModelId, hasGallery, hasEdge, deleted });
    if (seeded) cameras.push(seeded);
  }
  if (hasGallery) for (const person of seed.people) await seedPerson(prisma, artifacts, { person, baseModelId });
  if (fresh)
    await prisma.$transaction((tx) =>
      appendAudit(tx, actor, {
        action: 'demo.create',
        subjectKind: 'site',
        subjectId: SITE,
        data: { cameras: cameras.map(({ cameraId }) => cameraId), people: seed.people.length },
      }),
    );
  return { siteId: SITE, edgeId: EDGE, baseModelId, galleryId: GALLERY, hasEdge, cameras };
}

async function seedBaseModel(prisma: PrismaClient, artifacts: ArtifactStore, seed: DemoSeed): Promise<string> {
  const { recogniserSpec, files } = seed;
  const recogniser = await artifacts.put(prisma, files.recogniser);
  const landmarks = await artifacts.put(prisma, files.landmarks);
  // Named after its contents: other weights are another base model, and its versions stay with the old one.
  const id = `base-${sha256(JSON.stringify([recogniserSpec, recogniser.sha256])).slice(0, 16)}`;
  const data = {
    recogniser: recogniserSpec as unknown as Prisma.InputJsonObject,
    recogniserSha256: recogniser.sha256,
    landmarksSha256: landmarks.sha256,
    licence: seed.licence,
  };
  const detectorId = await seedDetector(prisma, artifacts, seed);
  await prisma.baseModel.upsert({
    where: { id },
    create: { id, name: `${recogniserSpec.name} (${recogniser.sha256.slice(0, 8)})`, ...data, detectorId },
    // Not the detector: somebody may have chosen another meanwhile.
    update: data,
  });
  return id;
}

/** Named after its contents, as the base model is. */
async function seedDetector(prisma: PrismaClient, artifacts: ArtifactStore, seed: DemoSeed): Promise<string> {
  const { name, ...rest } = seed.detector;
  const { sha256: digest } = await artifacts.put(prisma, seed.files.detector);
  const id = `detector-${digest.slice(0, 16)}`;
  const data = { name: `${name} (${digest.slice(0, 8)})`, ...rest, sha256: digest };
  await prisma.detector.upsert({ where: { id }, create: { id, ...data }, update: {} });
  return id;
}

async function seedUsers(prisma: PrismaClient, { users, hashPassword }: DemoSeed): Promise<void> {
  for (const { name, email, password, role } of users) {
    if (await prisma.user.findUnique({ where: { email: email.toLowerCase() } })) continue;
    const passwordHash = await hashPassword(password);
    await prisma.$transaction((tx) => createUserWithPassword(tx, { name, email, role, passwordHash }));
  }
}

async function seedToken(
  prisma: PrismaClient,
  { token, ...place }: { token: string; kind: 'edge' | 'camera'; edgeServerId?: string; cameraId?: string },
): Promise<void> {
  const tokenHash = sha256(token);
  await prisma.enrolmentToken.upsert({
    where: { tokenHash },
    create: {
      ...place,
      tokenHash,
      siteId: SITE,
      note: 'Demo on this machine',
      autoAccept: true,
      createdByName: actor.name,
      expiresAt: new Date(Date.now() + TOKEN_YEARS * 365 * 24 * 3_600_000),
    },
    update: {},
  });
}

interface CameraPlace {
  readonly camera: DemoCamera;
  readonly baseModelId: string;
  readonly hasGallery: boolean;
  readonly hasEdge: boolean;
  readonly deleted: ReadonlySet<string>;
}

/** The camera and its scenario; null when somebody has deleted it, or the scenario that it would be added to. */
async function seedCamera(
  prisma: PrismaClient,
  seed: DemoSeed,
  { camera, baseModelId, hasGallery, hasEdge, deleted }: CameraPlace,
): Promise<SeededDemo['cameras'][number] | null> {
  const { key, token, source, sampleRate, unpaced, minFaceSize, detectorThreshold } = camera;
  const [scenarioId, cameraId] = [scenarioIdOf(key), cameraIdOf(key)];
  const follows = {
    source,
    sampleRate,
    unpaced,
    ...(minFaceSize !== undefined && { minFaceSize }),
    ...(detectorThreshold !== undefined && { detectorThreshold }),
  };
  const seeded = await prisma.$transaction(async (tx) => {
    let hasScenario = (await tx.scenario.findUnique({ where: { id: scenarioId } })) !== null;
    if (!hasScenario && !deleted.has(scenarioId)) {
      await createScenario(tx, seed, { scenarioId, name: camera.scenarioName, baseModelId, hasGallery });
      hasScenario = true;
    }
    const found = await tx.camera.findUnique({ where: { id: cameraId } });
    if (found) return found.deletedAt ? null : tx.camera.update({ where: { id: cameraId }, data: follows });
    if (deleted.has(cameraId) || !hasScenario) return null;
    return tx.camera.create({
      data: {
        id: cameraId,
        siteId: SITE,
        scenarioId,
        edgeServerId: hasEdge ? EDGE : null,
        name: camera.name,
        ...newIngestKey(seed.key),
        ...follows,
      },
    });
  });
  if (!seeded) return null;
  await seedToken(prisma, { token, kind: 'camera', cameraId });
  return { key, cameraId, scenarioId: seeded.scenarioId };
}

async function createScenario(
  tx: Prisma.TransactionClient,
  { decision, learning }: DemoSeed,
  place: { scenarioId: string; name: string; baseModelId: string; hasGallery: boolean },
): Promise<void> {
  const { scenarioId, name, baseModelId, hasGallery } = place;
  await tx.scenario.create({
    data: {
      id: scenarioId,
      siteId: SITE,
      name,
      baseModelId,
      decision,
      learning,
      ...(hasGallery && { galleries: { create: { galleryId: GALLERY } } }),
    },
  });
  const version = await tx.modelVersion.create({
    data: { scenarioId, baseModelId, number: 0, createdAt: new Date() },
  });
  await tx.alias.create({ data: { scenarioId, name: 'champion', versionId: version.id } });
  await tx.deployment.create({
    data: {
      scenarioId,
      kind: 'initial',
      toVersionId: version.id,
      actorName: actor.name,
      reason: 'The scenario starts with the base model',
    },
  });
}

/** Added once; somebody whom a person has erased since stays erased. */
async function seedPerson(
  prisma: PrismaClient,
  artifacts: ArtifactStore,
  { person, baseModelId }: { person: DemoSeed['people'][number]; baseModelId: string },
): Promise<void> {
  const { name, pictures } = person;
  const id = `demo-person-${sha256(name).slice(0, 16)}`;
  if (await prisma.identity.findUnique({ where: { id } })) return;
  if (await prisma.erasureReceipt.findFirst({ where: { identityId: id } })) return;
  await prisma.$transaction(
    async (tx) => {
      await tx.identity.create({
        data: {
          id,
          name,
          purpose: 'Shows recognition in the demo',
          basis: 'consent',
          recordedByName: actor.name,
          note: 'A simulated person: a set of parameters, nobody',
          galleries: { create: { galleryId: GALLERY } },
        },
      });
      for (const { fileName, picture, crop, quality } of pictures) {
        const cropSha256 = (await artifacts.put(tx, crop)).sha256;
        await tx.enrolmentImage.create({
          data: {
            identityId: id,
            status: 'accepted',
            source: 'seed',
            fileName,
            quality,
            pictureSha256: (await artifacts.put(tx, picture)).sha256,
            cropSha256,
            crops: { create: { baseModelId, cropSha256 } },
            checkedAt: new Date(),
          },
        });
      }
    },
    { timeout: 30_000 },
  );
}
