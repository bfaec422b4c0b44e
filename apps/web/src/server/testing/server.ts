import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AgentInput,
  type AgentOutput,
  type AgentProcedure,
  decisionPolicySchema,
  defaultSchedulingPolicy,
  learningPolicySchema,
  queues,
  type Role,
} from '@saface/core';
import { createArtifactStore } from '@saface/db/artifact-store';
import { seedDemo } from '@saface/db/seed/demo';
import { createTestDatabase } from '@saface/db/testing';
import { Queue } from 'bullmq';
import { pino } from 'pino';
import { agentDoor } from '../agents/router.ts';
import { createCaller } from '../api/root.ts';
import { createCallerFactory } from '../api/trpc.ts';
import type { Deps, ServiceContext } from '../deps.ts';
import type { Actor } from '../services/actor.ts';
import { testRecogniser } from './recogniser-spec.ts';
import { createTestRedis } from './redis.ts';

const callAgentDoor = createCallerFactory(agentDoor);

export const actorOf = (role: Role): Actor => ({
  id: `user-${role}`,
  name: `The ${role}`,
  email: `${role}@example.org`,
  role,
});

/** A control plane on a real database and a real Redis, with the demo's site in it. */
export async function createTestServer(environment: Record<string, string | undefined>) {
  const database = await createTestDatabase(environment);
  const testRedis = await createTestRedis(environment.REDIS_URL);
  const home = await mkdtemp(join(tmpdir(), 'saface-web-'));
  const key = randomBytes(32);
  const { prisma } = database;
  const { redis } = testRedis;
  const enrolmentQueue = new Queue(queues.enrolmentCheck.name, { connection: redis });
  const importQueue = new Queue(queues.modelImport.name, { connection: redis });
  const moveQueue = new Queue(queues.baseModelMove.name, { connection: redis });
  const pretrainingQueue = new Queue(queues.pretraining.name, { connection: redis });
  const deps: Deps = {
    prisma,
    redis,
    key,
    enrolmentQueue,
    importQueue,
    moveQueue,
    pretrainingQueue,
    datasetsDir: join(home, 'datasets'),
    artifacts: createArtifactStore(home, key),
    log: pino({ level: 'silent' }),
  };
  const seed = () =>
    seedDemo(prisma, {
      home,
      key,
      recogniserSpec: testRecogniser,
      licence: 'MIT',
      detector: { name: 'Detector', family: 'face-api-ssd', licence: 'MIT' },
      files: {
        recogniser: Buffer.from('recogniser'),
        detector: Buffer.from('detector'),
        landmarks: Buffer.from('landmarks'),
      },
      edge: { name: 'Edge', token: 'edge-token', policy: defaultSchedulingPolicy },
      cameras: [
        {
          key: 'corridor',
          name: 'Corridor',
          scenarioName: 'corridor',
          source: { kind: 'simulator', scenario: 'corridor', seed: 1, loop: true, share: 1, seconds: 60 },
          sampleRate: 5,
          unpaced: false,
          token: 'camera-token',
        },
      ],
      decision: decisionPolicySchema.parse({ threshold: null, margin: 0.05, minProbes: 3, minQuality: 0.2 }),
      learning: learningPolicySchema.parse({
        enabled: true,
        autoPromote: true,
        minTriplets: 32,
        maxProbes: 1000,
        shadowTracks: 0,
      }),
      people: ['Ada', 'Ben'].map((name) => ({
        name,
        pictures: [
          {
            fileName: `${name}.jpg`,
            picture: Buffer.from(`${name} picture`),
            crop: Buffer.from(`${name} crop`),
            quality: 0.9,
          },
        ],
      })),
      users: [],
      hashPassword: async (password) => password,
    });
  const demo = await seed();
  return {
    deps,
    demo,
    seed,
    databaseUrl: database.url,
    as: (role: Role) => createCaller({ ...deps, actor: actorOf(role), authorization: null, address: '' }),
    asNobody: () => createCaller({ ...deps, actor: null, authorization: null, address: '' }),
    ctx: (role: Role): ServiceContext => ({ ...deps, actor: actorOf(role) }),
    agent: <P extends AgentProcedure>(
      procedure: P,
      input: AgentInput<P>,
      bearer: string | null = null,
    ): Promise<AgentOutput<P>> => {
      const authorization = bearer && `Bearer ${bearer}`;
      const { agent } = callAgentDoor({ ...deps, actor: null, authorization, address: '192.0.2.1' });
      return (agent[procedure] as unknown as (input: AgentInput<P>) => Promise<AgentOutput<P>>)(input);
    },
    async close() {
      await Promise.all([enrolmentQueue.close(), importQueue.close(), moveQueue.close(), pretrainingQueue.close()]);
      await testRedis.close();
      await database.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
export type TestServer = Awaited<ReturnType<typeof createTestServer>>;
