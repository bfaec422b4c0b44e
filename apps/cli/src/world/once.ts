import { setTimeout as delay } from 'node:timers/promises';
import { SafaceError } from '@saface/core';
import { z } from 'zod';
import type { ControlClient } from './control-client.ts';

/** What came of one scenario's learning. */
export interface ScenarioOutcome {
  readonly scenarioId: string;
  readonly name: string;
  readonly triplets: number;
  readonly steps: number;
  readonly promoted: boolean;
  readonly verdict: string | null;
  /** Labels of the versions, oldest first. */
  readonly versions: readonly string[];
  readonly championId: string;
  readonly baseVersionId: string;
}

const ref = z.object({ id: z.string(), name: z.string() });
const label = z.object({ id: z.string(), label: z.string() });
const cameraList = z.array(z.object({ scenario: ref, state: z.string(), error: z.string().nullable() }));
const scenarioList = z.array(
  z.object({ id: z.string(), name: z.string(), aliases: z.object({ champion: label.nullable() }) }),
);
const runList = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      status: z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']),
      triplets: z.number(),
      steps: z.number(),
      verdict: z.object({ passed: z.boolean(), reason: z.string() }).nullable(),
      error: z.string().nullable(),
    }),
  ),
});
const eventList = z.object({ items: z.array(z.object({ id: z.string() })) });
const versionList = z.object({ versions: z.array(label) });
const served = z.array(z.object({ inSync: z.boolean() }));

const POLL = 1000;
/** Nothing may hang for ever, and a slow machine may take its time: this long without any progress is too long. */
const PATIENCE = 6 * 60_000;

export interface OnceOptions {
  readonly client: ControlClient;
  readonly signal: AbortSignal;
  readonly onProgress: (text: string) => void;
}

/** Waits until every camera's video was watched, has each scenario learn once from what was seen, and tells how that ended. */
export async function learnOnce({ client, signal, onProgress }: OnceOptions): Promise<ScenarioOutcome[]> {
  /** `look` tells whether it is done: true, or else something that changes while it gets on. */
  const until = async (what: string, look: () => Promise<true | string>) => {
    let last = '';
    let deadline = Date.now() + PATIENCE;
    for (let seen = await look(); seen !== true; seen = await look()) {
      signal.throwIfAborted();
      if (seen !== last) deadline = Date.now() + PATIENCE;
      last = seen;
      if (Date.now() > deadline)
        throw new SafaceError(
          'unavailable',
          `${what} has not got on for ${PATIENCE / 60_000} minutes`,
          'Read the logs in SAFACE_HOME/logs.',
        );
      await delay(POLL, undefined, { signal });
    }
  };
  await until('Watching the videos', async () => {
    const [newest] = (await client.query('events.list', { limit: 1 }, eventList)).items;
    const cameras = await client.query('cameras.list', {}, cameraList);
    const failed = cameras.find((camera) => camera.state === 'failed');
    if (failed)
      throw new SafaceError(
        'unavailable',
        `The camera of ${failed.scenario.name} failed: ${failed.error}`,
        'Read the logs in SAFACE_HOME/logs.',
      );
    return (cameras.length > 0 && cameras.every((camera) => camera.state === 'ended')) || (newest?.id ?? 'nobody yet');
  });
  onProgress('Both videos were watched; learning');

  const scenarios = await client.query('scenarios.list', {}, scenarioList);
  const outcomes: ScenarioOutcome[] = [];
  for (const { id, name, aliases } of scenarios) {
    const base = aliases.champion;
    if (!base) throw new SafaceError('internal', `${name} has no champion`, 'Delete SAFACE_HOME and start again.');
    await client.mutate('training.now', { scenarioId: id }, z.object({ commands: z.number() }));
    let run: z.output<typeof runList>['items'][number] | undefined;
    await until(`Learning in ${name}`, async () => {
      [run] = (await client.query('training.list', { scenarioId: id, limit: 1 }, runList)).items;
      if (run === undefined) return 'not begun';
      return ['done', 'failed', 'cancelled'].includes(run.status) || `${run.status}, ${run.steps} steps`;
    });
    if (run?.status !== 'done')
      throw new SafaceError(
        'unavailable',
        `Learning in ${name} ${run?.status}: ${run?.error}`,
        'Read the log of the edge agent in SAFACE_HOME/logs.',
      );
    const promoted = run.verdict?.passed ?? false;
    if (promoted) {
      await until(`Serving the new version in ${name}`, async () => {
        const [now] = (await client.query('scenarios.list', {}, scenarioList)).filter((s) => s.id === id);
        const edges = await client.query('versions.served', { scenarioId: id }, served);
        return (
          (now.aliases.champion?.id !== base.id && edges.every((edge) => edge.inSync)) || `${now.aliases.champion?.id}`
        );
      });
    }
    const { versions } = await client.query('versions.list', { scenarioId: id }, versionList);
    const [after] = (await client.query('scenarios.list', {}, scenarioList)).filter((s) => s.id === id);
    onProgress(`  ${name}: ${run.verdict?.reason ?? 'no verdict'}`);
    outcomes.push({
      scenarioId: id,
      name,
      triplets: run.triplets,
      steps: run.steps,
      promoted,
      verdict: run.verdict?.reason ?? null,
      versions: versions.map((v) => v.label),
      championId: after.aliases.champion?.id ?? base.id,
      baseVersionId: base.id,
    });
  }
  return outcomes;
}
