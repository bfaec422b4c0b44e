import { unseal } from '@saface/agent-kit/sealed-file';
import { type CameraConfig, recogniserSpecSchema, sourceConfigSchema } from '@saface/core';
import { currentAgent, edgeReportOf } from '@saface/db/repositories/agents';
import type { Deps } from '../deps.ts';
import { notFound } from '../services/actor.ts';

const file = { select: { sha256: true, bytes: true } } as const;

/** Everything a camera agent must know; `edge` is null until its edge said where it takes probes. */
export async function assembleCameraConfig({ prisma, key }: Deps, cameraId: string): Promise<CameraConfig> {
  const camera = await prisma.camera.findFirst({
    where: { id: cameraId, deletedAt: null },
    include: {
      scenario: { include: { baseModel: { include: { detector: { select: { file } }, landmarksFile: file } } } },
      edge: { include: { agents: true } },
    },
  });
  if (!camera) throw notFound('camera');
  const { baseModel } = camera.scenario;
  const url = edgeReportOf(camera.edge && currentAgent(camera.edge.agents))?.ingestUrl;
  return {
    cameraId,
    name: camera.name,
    source: sourceConfigSchema.parse(camera.source),
    sampleRate: camera.sampleRate,
    unpaced: camera.unpaced,
    minFaceSize: camera.minFaceSize,
    detectorThreshold: camera.detectorThreshold,
    alignment: recogniserSpecSchema.parse(baseModel.recogniser).alignment,
    detectorArtifact: baseModel.detector.file,
    landmarksArtifact: baseModel.landmarksFile,
    edge:
      url && /^wss?:\/\//.test(url)
        ? { url, ingestKey: Buffer.from(unseal(camera.ingestKeySealed, key, 'ingest key')).toString('utf8') }
        : null,
  };
}
