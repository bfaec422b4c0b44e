import { SafaceError } from '@saface/core';
import type { Db } from '@saface/db';
import type { AgentRow } from '@saface/db/repositories/agents';

/**
 * What an agent may report about: things of its own site. Deleted cameras are among them, for what waited in the outbox
 * still tells what was seen.
 */
export interface PushScope {
  readonly agentId: string;
  readonly edgeId: string | null;
  readonly siteId: string;
  readonly cameraIds: ReadonlySet<string>;
  readonly scenarioIds: ReadonlySet<string>;
}

export async function loadScope(db: Db, agent: AgentRow): Promise<PushScope> {
  const siteId = (agent.edge ?? agent.camera)?.siteId;
  if (!siteId) throw new SafaceError('forbidden', 'This agent belongs to no site', 'Enrol it again.');
  const cameras = await db.camera.findMany({ where: { siteId }, select: { id: true } });
  const scenarios = await db.scenario.findMany({ where: { siteId }, select: { id: true } });
  return {
    agentId: agent.id,
    edgeId: agent.edge?.id ?? null,
    siteId,
    cameraIds: new Set(cameras.map(({ id }) => id)),
    scenarioIds: new Set(scenarios.map(({ id }) => id)),
  };
}

export function requireCamera({ cameraIds }: PushScope, id: string): void {
  if (!cameraIds.has(id)) throw foreign('camera', id);
}

export function requireScenario({ scenarioIds }: PushScope, id: string): void {
  if (!scenarioIds.has(id)) throw foreign('scenario', id);
}

const foreign = (what: string, id: string) =>
  new SafaceError(
    'not-found',
    `There is no ${what} ${id} at this site`,
    'It may have been deleted; the report is dropped.',
  );
