import { readFile } from 'node:fs/promises';
import { loadKeyFile } from '@saface/agent-kit';
import {
  decisionPolicySchema,
  defaultSchedulingPolicy,
  learningPolicySchema,
  type SchedulingPolicy,
} from '@saface/core';
import { createArtifactStore } from '@saface/db/artifact-store';
import { createPrisma } from '@saface/db/client';
import { type DemoCamera, type DemoSeed, type SeededDemo, seedDemo } from '@saface/db/seed/demo';
import { ensureDefaultModels } from '@saface/engine';
import { scenarioNames } from '@saface/simulator';
import { hashPassword } from 'better-auth/crypto';
import { env, folders } from '../env.ts';
import { keyFile } from '../stack/secrets.ts';
import type { Stack } from '../stack/stack.ts';
import { checkPictures, type DemoWorld, LEARNING_SHARE, WORLD_SEED } from './demo-world.ts';
import { enrolmentToken } from './tokens.ts';

const scenarioLabels = { corridor: 'Corridor', entrance: 'Entrance' } as const;

/** Of the twelve frames a second that the videos have: neighbours show almost the same, and cost as much as others. */
const ONCE_RATE = 6;
const policy: SchedulingPolicy = { ...defaultSchedulingPolicy, rC: env.demoRate, nC: 2, npMax: 6 };
const decision = decisionPolicySchema.parse({ threshold: null, margin: 0.05, minProbes: 3, minQuality: 0.2 });
const learning = learningPolicySchema.parse({ enabled: true, autoPromote: true, minTriplets: 600, maxProbes: 6000 });
/** About what a recording of the demo gives when it is played once; more would be of the same faces. */
const TRIPLETS_A_SECOND = 10;

interface Account {
  readonly email: string;
  readonly password: string;
}

/** The people who can sign in after a first start. */
export function demoPeople({ secrets }: Stack): { admin: Account; operator: Account } {
  return {
    admin: { email: 'admin@saface.local', password: secrets.adminPassword },
    operator: { email: 'operator@saface.local', password: secrets.operatorPassword },
  };
}

/** A site with the two simulated cameras, their scenarios, and the enrolled people of the simulated world; without what people have deleted since. */
export async function seedDemoWorld(
  stack: Stack,
  world: DemoWorld,
  { edgeName, once }: { edgeName: string; once: boolean },
): Promise<SeededDemo> {
  const people = await checkPictures(world.enrolment);
  return seed(stack, {
    siteName: 'Harbour House',
    edge: {
      name: edgeName,
      token: enrolmentToken(stack.secrets, 'edge'),
      policy: once ? { ...policy, mode: 'off' } : policy,
    },
    cameras: scenarioNames.map(
      (key): DemoCamera => ({
        key,
        name: `${scenarioLabels[key]} camera`,
        scenarioName: scenarioLabels[key],
        source: {
          kind: 'simulator',
          scenario: key,
          seed: WORLD_SEED,
          loop: !once,
          share: LEARNING_SHARE,
          seconds: env.demoSeconds,
        },
        // As fast as the machine can; without `once` only until there is enough to learn from, see catch-up.ts.
        sampleRate: once ? ONCE_RATE : 60,
        unpaced: true,
        token: enrolmentToken(stack.secrets, `camera-${key}`),
      }),
    ),
    // A candidate that passes the gate goes live at once, so that somebody who watches sees a promotion within minutes; and with
    // `--once` nobody comes by any more whom it could meet in the champion's shadow.
    learning: { ...learning, minTriplets: TRIPLETS_A_SECOND * env.demoSeconds, shadowTracks: 0 },
    people: people.map(({ name, pictures }) => ({
      name,
      pictures: pictures.map(({ fileName, bytes, cropPng, quality }) => ({
        fileName,
        picture: bytes,
        crop: cropPng,
        quality,
      })),
    })),
  });
}

/** An empty site with an edge, ready for the operator's own cameras and people. */
export async function seedInstallation(
  stack: Stack,
  edge: { name: string; token: string },
): Promise<{ admin: Account; hasEdge: boolean }> {
  const { hasEdge } = await seed(stack, {
    siteName: 'My site',
    edge: { ...edge, policy: defaultSchedulingPolicy },
    cameras: [],
    people: [],
    learning,
  });
  return { ...demoPeople(stack), hasEdge };
}

async function seed(
  stack: Stack,
  world: Pick<DemoSeed, 'siteName' | 'edge' | 'cameras' | 'people' | 'learning'>,
): Promise<SeededDemo> {
  const models = await ensureDefaultModels(folders.models);
  const [recogniser, detector, landmarks] = await Promise.all(
    [models.recogniser, models.detector, models.landmarks].map(({ path }) => readFile(path)),
  );
  const { admin, operator } = demoPeople(stack);
  const prisma = createPrisma(stack.databaseUrl);
  try {
    return await seedDemo(prisma, {
      ...world,
      home: stack.home,
      key: await controlPlaneKey(stack),
      recogniserSpec: models.spec,
      licence: 'MIT',
      detector: { name: 'SSD MobileNet', family: 'face-api-ssd', licence: 'MIT' },
      files: { recogniser, detector, landmarks },
      decision,
      users: [
        { name: 'Administrator', role: 'admin', ...admin },
        { name: 'Operator', role: 'operator', ...operator },
      ],
      hashPassword,
    });
  } finally {
    await prisma.$disconnect();
  }
}

/** The learner of a version, from the control plane's sealed store. */
export async function readLearner(stack: Stack, versionId: string): Promise<Uint8Array> {
  const prisma = createPrisma(stack.databaseUrl);
  try {
    const { learnerSha256 } = await prisma.modelVersion.findUniqueOrThrow({ where: { id: versionId } });
    if (!learnerSha256) throw new Error(`Version ${versionId} is a base model and has no learner of its own`);
    return await createArtifactStore(stack.home, await controlPlaneKey(stack)).read(learnerSha256);
  } finally {
    await prisma.$disconnect();
  }
}

async function controlPlaneKey({ home }: Stack): Promise<Buffer> {
  const key = await loadKeyFile(keyFile(home, 'control-plane'));
  if (!key) throw new Error('A key file that was just made cannot be missing');
  return key;
}
