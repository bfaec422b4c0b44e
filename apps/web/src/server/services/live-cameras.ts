import { findCameras } from '@saface/db/repositories/cameras';
import { countMatched } from '@saface/db/repositories/events';
import { latestMetrics, sumMetrics } from '@saface/db/repositories/metrics';
import type { LiveCameraView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';

const FUNNEL_SECONDS = 60;
const FRESH_MS = 15_000;

/** Cameras with what they show now, and why there is no face: frames -> faces -> good crops -> matched, over a minute. */
export async function listLiveCameras(
  { prisma }: ServiceContext,
  filter: { siteId?: string | undefined },
): Promise<LiveCameraView[]> {
  const cameras = await findCameras(prisma, filter);
  const scopeIds = cameras.map(({ id }) => id);
  const withinMs = FUNNEL_SECONDS * 1000;
  const [latest, sums, matched] = await Promise.all([
    latestMetrics(prisma, { scope: 'camera', scopeIds, withinMs: FRESH_MS }),
    sumMetrics(prisma, { scope: 'camera', scopeIds, withinMs, names: ['framesPerSecond', 'facesFound', 'facesSent'] }),
    countMatched(prisma, scopeIds, new Date(Date.now() - withinMs)),
  ]);
  return cameras.map(({ id, name, site, scenario, state, error }) => {
    const now = latest.get(id);
    const sum = sums.get(id);
    return {
      id,
      name,
      site,
      scenario,
      state,
      error,
      framesPerSecond: now?.framesPerSecond ?? null,
      probesPerSecond: now?.probesPerSecond ?? null,
      latency: now?.latency ?? null,
      funnel: {
        seconds: FUNNEL_SECONDS,
        frames: sum?.framesPerSecond === undefined ? null : Math.round(sum.framesPerSecond * FUNNEL_SECONDS),
        faces: sum?.facesFound ?? null,
        goodCrops: sum?.facesSent ?? null,
        matched: matched.get(id) ?? 0,
      },
    };
  });
}
