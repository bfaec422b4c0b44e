import { type ArtifactRef, SafaceError, sha256Schema } from '@saface/core';
import { sha256Of } from '@saface/db/artifact-store';
import type { AgentRow } from '@saface/db/repositories/agents';
import type { Deps } from '../deps.ts';
import { requireAccepted, requireEdge } from './authenticate.ts';
import { assembleCameraConfig } from './camera-config.ts';
import { edgeConfigNames } from './edge-config.ts';

export const MAX_UPLOAD_BYTES = 256 * 1024 * 1024;

/** Only what the agent's own configuration names: an edge cannot read another site's faces by guessing hashes. */
export async function readArtifactFor(deps: Deps, agent: AgentRow, sha256: string): Promise<Uint8Array> {
  requireAccepted(agent);
  checkHash(sha256);
  const allowed = agent.edge
    ? await edgeConfigNames(deps.prisma, agent.edge.id, sha256)
    : agent.camera !== null && (await cameraConfigNames(deps, agent.camera.id, sha256));
  if (!allowed)
    throw new SafaceError(
      'not-found',
      `Artifact ${sha256.slice(0, 12)} is not part of this agent's configuration`,
      'Pull the configuration again.',
    );
  return deps.artifacts.read(sha256);
}

async function cameraConfigNames(deps: Deps, cameraId: string, sha256: string): Promise<boolean> {
  const { detectorArtifact, landmarksArtifact } = await assembleCameraConfig(deps, cameraId);
  return [detectorArtifact, landmarksArtifact].some((artifact) => artifact.sha256 === sha256);
}

/** Stores the bytes under the hash they were announced with, or nothing at all. They are not read for who may not send any. */
export async function storeArtifactOf(
  deps: Deps,
  agent: AgentRow,
  { sha256, read }: { sha256: string; read: () => Promise<Uint8Array> },
): Promise<ArtifactRef> {
  requireEdge(agent);
  checkHash(sha256);
  const bytes = await read();
  if (bytes.length === 0) throw new SafaceError('invalid-input', 'The artifact is empty', 'Send its bytes.');
  const found = sha256Of(bytes);
  if (found !== sha256)
    throw new SafaceError(
      'integrity',
      `The artifact was announced as ${sha256.slice(0, 12)} but is ${found.slice(0, 12)}`,
      'Send it again; if that repeats, the file was damaged where it was made.',
    );
  return deps.artifacts.put(deps.prisma, bytes);
}

function checkHash(sha256: string): void {
  if (!sha256Schema.safeParse(sha256).success)
    throw new SafaceError('invalid-input', 'An artifact is named by its sha256', 'Give 64 hex digits.');
}
