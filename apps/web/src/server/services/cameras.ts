import { may, redactSource, SafaceError } from '@saface/core';
import type { Db } from '@saface/db';
import { newIngestKey } from '@saface/db/ingest-key';
import { type Camera, findCameras } from '@saface/db/repositories/cameras';
import type { CameraSettings } from '../api/cameras/camera-settings.ts';
import type { CameraView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { audited } from './audited.ts';
import { toMsOrNull } from './time.ts';

/** Camera addresses often carry a password: it is for those who may change it. */
function toView({ actor }: ServiceContext, camera: Camera): CameraView {
  const source = may(actor.role, 'camera.write') ? camera.source : redactSource(camera.source);
  return { ...camera, source, lastSeenAt: toMsOrNull(camera.lastSeenAt) };
}

export async function listCameras(ctx: ServiceContext, filter: { siteId?: string | undefined }) {
  return (await findCameras(ctx.prisma, filter)).map((camera) => toView(ctx, camera));
}

export async function getCamera(ctx: ServiceContext, { id }: { id: string }) {
  const [camera] = await findCameras(ctx.prisma, { id });
  if (!camera) throw notFound('camera');
  return toView(ctx, camera);
}

/** A camera, its scenario and its edge belong to one site. */
async function checkPlace(tx: Db, siteId: string, { scenarioId, edgeServerId }: CameraSettings): Promise<void> {
  const scenario = await tx.scenario.findFirst({ where: { id: scenarioId, siteId } });
  if (!scenario) throw notInSite('scenario');
  if (edgeServerId !== null && !(await tx.edgeServer.findFirst({ where: { id: edgeServerId, siteId } })))
    throw notInSite('edge server');
}

const notInSite = (what: string) =>
  new SafaceError('invalid-input', `The ${what} is not one of this site`, `Choose a ${what} of the camera's site.`);

export function createCamera(ctx: ServiceContext, { siteId, ...settings }: CameraSettings & { siteId: string }) {
  return audited(ctx, async (tx) => {
    if (!(await tx.site.findUnique({ where: { id: siteId } }))) throw notFound('site');
    await checkPlace(tx, siteId, settings);
    const { id } = await tx.camera.create({
      data: {
        ...settings,
        siteId,
        ...newIngestKey(ctx.key),
      },
    });
    return {
      value: { id },
      record: { action: 'camera.create', subjectKind: 'camera', subjectId: id, data: redacted(settings) },
    };
  });
}

export function updateCamera(ctx: ServiceContext, { id, ...settings }: CameraSettings & { id: string }) {
  return audited(ctx, async (tx) => {
    const camera = await tx.camera.findFirst({ where: { id, deletedAt: null } });
    if (!camera) throw notFound('camera');
    await checkPlace(tx, camera.siteId, settings);
    await tx.camera.update({ where: { id }, data: settings });
    return {
      value: { id },
      record: { action: 'camera.update', subjectKind: 'camera', subjectId: id, data: redacted(settings) },
    };
  });
}

/** Its events stay; its agent is turned away. */
export function deleteCamera(ctx: ServiceContext, { id }: { id: string }) {
  return audited(ctx, async (tx) => {
    const { count } = await tx.camera.updateMany({
      where: { id, deletedAt: null },
      data: { deletedAt: new Date(), edgeServerId: null },
    });
    if (count === 0) throw notFound('camera');
    await tx.agent.updateMany({ where: { cameraId: id }, data: { status: 'revoked', revokedAt: new Date() } });
    return { value: { id }, record: { action: 'camera.delete', subjectKind: 'camera', subjectId: id, data: {} } };
  });
}

/** The log keeps what it is told for ever: no passwords. */
const redacted = ({ source, ...settings }: CameraSettings) => ({ ...settings, source: redactSource(source) });
