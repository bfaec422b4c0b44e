import { randomUUID } from 'node:crypto';
import type {
  AgentInput,
  EdgeReported,
  NewVersion,
  OutboxItem,
  RecognitionEvent,
  TrainingRunReport,
} from '@saface/core';
import type { TestServer } from './server.ts';

export const host = { hostname: 'test', platform: 'linux', cpus: 2, memory: 1 << 30 };

export const enrolment = (kind: 'edge' | 'camera', token: string): AgentInput<'enrol'> => ({
  token,
  kind,
  name: `${kind} agent`,
  version: '0.1.0',
  host,
});

/** Enrols the demo's edge; its bearer credential. */
export async function enrolEdge({ agent }: TestServer): Promise<string> {
  const { agentId, secret } = await agent('enrol', enrolment('edge', 'edge-token'));
  return `${agentId}.${secret}`;
}

export const edgeReport = (changes: Partial<EdgeReported> = {}): EdgeReported => ({
  revision: null,
  clock: Date.now(),
  ingestUrl: 'ws://127.0.0.1:4000/ingest',
  serving: [],
  measured: { nE: 20, bMax: 8 },
  cameras: [],
  problems: [],
  outboxDepth: 0,
  ...changes,
});

export const pull = (changes: Partial<EdgeReported> = {}, knownRevision: string | null = null) => ({
  knownRevision,
  reported: edgeReport(changes),
  acknowledged: [] as string[],
});

export const eventOf = (server: TestServer, changes: Partial<RecognitionEvent> = {}): RecognitionEvent => ({
  id: randomUUID(),
  sequence: 0,
  cameraId: server.demo.cameras[0].cameraId,
  scenarioId: server.demo.cameras[0].scenarioId,
  trackId: 1,
  sessionId: 's',
  decision: 'unknown',
  identityId: null,
  distance: null,
  runnerUpIdentityId: null,
  secondDistance: null,
  runnerUpDistance: null,
  threshold: 0.6,
  versionId: 'replaced',
  firstSeen: Date.now() - 1000,
  lastSeen: Date.now(),
  probes: 5,
  quality: 0.8,
  box: { x: 1, y: 2, width: 30, height: 40 },
  cropJpeg: null,
  ended: false,
  ...changes,
});

export async function championOf({ deps, demo }: TestServer): Promise<string> {
  const [{ scenarioId }] = demo.cameras;
  const alias = await deps.prisma.alias.findUniqueOrThrow({
    where: { scenarioId_name: { scenarioId, name: 'champion' } },
  });
  return alias.versionId;
}

const score = {
  accuracy: 0.9,
  low: 0.88,
  high: 0.92,
  auc: 0.95,
  tarAtFar1e2: 0.7,
  genuinePairs: 100,
  impostorPairs: 100,
};

export const runOf = (server: TestServer, changes: Partial<TrainingRunReport> = {}): TrainingRunReport => ({
  id: randomUUID(),
  scenarioId: server.demo.cameras[0].scenarioId,
  status: 'running',
  reason: 'enough triplets',
  parentVersionId: 'parent',
  candidateVersionId: null,
  tracks: 10,
  triplets: 100,
  steps: 2,
  queuedAt: Date.now(),
  startedAt: Date.now(),
  endedAt: null,
  points: [
    { step: 1, time: Date.now(), loss: 0.5, activeShare: 0.6, batch: 4, score: null },
    { step: 2, time: Date.now(), loss: 0.4, activeShare: 0.5, batch: 3, score: 0.9 },
  ],
  verdict: null,
  error: null,
  ...changes,
});

/** A candidate whose learner was uploaded. */
export async function candidateOf(server: TestServer, changes: Partial<NewVersion> = {}): Promise<NewVersion> {
  const learner = await server.deps.artifacts.put(server.deps.prisma, Buffer.from(randomUUID()));
  return {
    id: randomUUID(),
    scenarioId: server.demo.cameras[0].scenarioId,
    baseModelId: server.demo.baseModelId,
    parentVersionId: await championOf(server),
    runId: randomUUID(),
    cut: 'cut',
    learner,
    threshold: 0.55,
    distanceScale: 1,
    verdict: {
      passed: true,
      reason: 'better by 2.0 points (1.0 to 3.0)',
      champion: score,
      candidate: { ...score, accuracy: 0.92 },
      gain: { mean: 0.02, low: 0.01, high: 0.03 },
    },
    provenance: {
      engine: 'ort',
      from: Date.now() - 1000,
      to: Date.now(),
      tracks: 10,
      triplets: 100,
      steps: 50,
      hyperParameters: { learningRate: 0.01 },
      leftOut: [],
      identityIds: [],
    },
    createdAt: Date.now(),
    ...changes,
  };
}

/** Somebody in the demo's gallery, without a picture. */
export async function enrolPerson(server: TestServer, name: string): Promise<string> {
  const consent = { purpose: 'test', basis: 'consent', expiresAt: null, note: '' } as const;
  const galleryIds = [server.demo.galleryId];
  const { id } = await server.as('operator').identities.create({ name, galleryIds, consent });
  return id;
}

export type PushedItem = Pick<OutboxItem, 'kind' | 'payload'>;

/** Pushes new items as an agent does; what became of each. */
export async function pushAll(server: TestServer, bearer: string, items: readonly PushedItem[]) {
  const numbered = items.map((item) => ({ id: randomUUID(), ...item }) as OutboxItem);
  const { results } = await server.agent('push', { items: numbered }, bearer);
  return results.map(({ status }) => status);
}
