import { setTimeout as delay } from 'node:timers/promises';
import { sourceConfigSchema } from '@saface/core';
import { z } from 'zod';
import { env } from '../env.ts';
import type { ControlClient } from './control-client.ts';

const ref = z.object({ id: z.string() });
const cameraList = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    scenario: ref,
    edge: ref.nullable(),
    source: sourceConfigSchema,
    sampleRate: z.number(),
    unpaced: z.boolean(),
    minFaceSize: z.number(),
    detectorThreshold: z.number(),
  }),
);
const runList = z.object({ items: z.array(z.object({ id: z.string() })) });

const POLL = 2000;

/**
 * The cameras of a new demo first play as fast as the machine can, as if they had been watching for a while: at a live pace it would take a
 * quarter of an hour until there is enough to learn from. As soon as its scenario begins to learn, a camera plays like a live one.
 */
export async function catchUp(client: ControlClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // The control plane may be away for a moment: the next look finds it again.
    const fast = await slowDown(client).catch(() => null);
    if (fast === 0) return;
    await delay(POLL, undefined, { signal }).catch(() => undefined);
  }
}

/** Returns how many cameras still play fast. */
async function slowDown(client: ControlClient): Promise<number> {
  const cameras = (await client.query('cameras.list', {}, cameraList)).filter(({ unpaced }) => unpaced);
  let fast = 0;
  for (const { scenario, edge, ...camera } of cameras) {
    const { items } = await client.query('training.list', { scenarioId: scenario.id, limit: 1 }, runList);
    if (items.length === 0) {
      fast += 1;
      continue;
    }
    const settings = { ...camera, scenarioId: scenario.id, edgeServerId: edge?.id ?? null };
    await client.mutate('cameras.update', { ...settings, unpaced: false, sampleRate: env.demoRate }, ref);
  }
  return fast;
}
