import { createHash, randomBytes } from 'node:crypto';
import { createLogger } from '@saface/agent-kit';
import {
  defaultSchedulingPolicy,
  type EdgeConfig,
  type EdgeIdentity,
  type EdgeScenario,
  learningPolicySchema,
  type OutboxItem,
  type RecogniserSpec,
  type RecognitionEvent,
  SafaceError,
} from '@saface/core';
import { Vault } from '../control/vault.ts';

export const silent = createLogger('test', 'silent');
export const testVault = (): Vault => new Vault(randomBytes(32));
export const ingestKey = 'an-ingest-key-of-a-camera';
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const tinySpec: RecogniserSpec = {
  name: 'tiny',
  input: { size: 8, channels: 'rgb', mean: [0, 0, 0], scale: [1 / 255, 1 / 255, 1 / 255] },
  alignment: { size: 8, template: Array.from({ length: 5 }, (_, i) => ({ x: i, y: i })) },
  dimension: 4,
  metric: 'euclidean',
  defaultCut: 'features',
  defaultThreshold: 0.5,
};

export function scenarioConfig(change: Partial<EdgeScenario> = {}): EdgeScenario {
  return {
    id: 'scenario',
    name: 'corridor',
    baseModelId: 'base',
    champion: { id: 'v0', label: 'base', learner: null, threshold: null },
    previous: null,
    shadow: null,
    parent: null,
    galleryIds: ['gallery'],
    decision: { threshold: null, falseAlarmsPerWeek: null, margin: 0, minProbes: 1, minQuality: 0.3 },
    learning: learningPolicySchema.parse({ enabled: true, autoPromote: true, minTriplets: 8, maxProbes: 1000 }),
    ...change,
  };
}

export function edgeConfig(change: Partial<EdgeConfig> = {}): EdgeConfig {
  return {
    // Another id than the agent's own: the agent is what runs, the edge is what it runs for.
    edgeId: 'edge-of-the-site',
    name: 'edge',
    siteId: 'site',
    policy: { ...defaultSchedulingPolicy, rC: 20 },
    baseModels: [{ id: 'base', recogniser: tinySpec, recogniserArtifact: { sha256: sha256('recogniser'), bytes: 10 } }],
    scenarios: [scenarioConfig()],
    cameras: [{ id: 'camera', name: 'camera', scenarioId: 'scenario', ingestKeySha256: sha256(ingestKey) }],
    identities: [],
    ...change,
  };
}

export function identity(id: string, crops: EdgeIdentity['crops']): EdgeIdentity {
  return { id, name: id.toUpperCase(), galleryIds: ['gallery'], crops };
}

export function eventOf(id: string, change: Partial<RecognitionEvent> = {}): RecognitionEvent {
  return {
    id,
    sequence: 0,
    cameraId: 'camera',
    scenarioId: 'scenario',
    trackId: 1,
    sessionId: 's1',
    decision: 'unknown',
    identityId: null,
    distance: null,
    runnerUpIdentityId: null,
    secondDistance: null,
    runnerUpDistance: null,
    threshold: 0.5,
    versionId: 'v0',
    firstSeen: 1,
    lastSeen: 2,
    probes: 3,
    quality: 0.5,
    box: { x: 0, y: 0, width: 1, height: 1 },
    cropJpeg: null,
    ended: false,
    ...change,
  };
}

export const eventItem = (id: string): OutboxItem => ({ id, kind: 'event', payload: eventOf(id) });

export function metricsOf(id: string): OutboxItem {
  return { id, kind: 'metrics', payload: [{ time: 1, scope: 'edge', scopeId: 'edge-1', values: { load: 0.5 } }] };
}

/** A crop whose pixels all have the same value, which is all that the fake extractor looks at. */
export function plainCrop(value: number, size = 8): Uint8Array {
  return new Uint8Array(size * size * 3).fill(value);
}

/** What the vault says when the disk has no room. */
export const diskFull = (): SafaceError =>
  new SafaceError('exhausted', 'The disk is full', 'Free some space.', {
    cause: Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' }),
  });

/** What Node says when a process has too many files open, or `EIO` of a disk: nothing against the file itself. */
export const tooManyFiles = (): Error => Object.assign(new Error('EMFILE'), { code: 'EMFILE', syscall: 'open' });
