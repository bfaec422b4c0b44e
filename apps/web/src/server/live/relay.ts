import { decodeLiveFrame, SafaceError } from '@saface/core';
import type { AgentRow } from '@saface/db/repositories/agents';
import { requireEdge } from '../agents/authenticate.ts';
import type { Deps } from '../deps.ts';
import { channelOf } from './watch.ts';

export const MAX_FRAME_BYTES = 1024 * 1024;

/** Passes a frame on to whoever looks at the camera; nothing of it is kept. */
export async function relayFrame(
  { prisma, redis }: Deps,
  agent: AgentRow,
  { cameraId, body }: { cameraId: string; body: Uint8Array },
): Promise<void> {
  const { edgeId } = requireEdge(agent);
  if (!(await prisma.camera.findFirst({ where: { id: cameraId, edgeServerId: edgeId }, select: { id: true } })))
    throw new SafaceError('not-found', 'This edge has no such camera', 'Pull the configuration again.');
  const { frame } = decodeLiveFrame(body);
  if (frame.cameraId !== cameraId)
    throw new SafaceError('invalid-input', 'The frame is of another camera', 'Send it to the address of its camera.');
  await redis.publish(channelOf(cameraId), Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}
