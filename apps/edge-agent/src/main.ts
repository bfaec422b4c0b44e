import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAgentClient, createLogger, enrolOnce, runProcess, startHealthServer } from '@saface/agent-kit';
import { openEngine, settled } from '@saface/engine/engines/index';
import { Problems } from './control/problems.ts';
import { reenrol } from './control/re-enrol.ts';
import { openVault } from './control/vault.ts';
import { startEdge } from './edge-agent.ts';
import { logLevel, parseEnv } from './env.ts';
import { startLearning } from './learning/learning.ts';
import { createMetrics } from './prometheus.ts';
import { engineModelLoader } from './recognition/engine-models.ts';

const logger = createLogger('edge-agent', logLevel());

await runProcess({ logger }, async (signal) => {
  const env = parseEnv();
  const version = await packageVersion();
  const vault = await openVault(env.keyFile, env.dir);
  const metrics = createMetrics();
  let edge: Awaited<ReturnType<typeof startEdge>> | null = null;
  const health = await startHealthServer({
    port: env.port,
    host: env.host,
    registry: metrics.registry,
    health: () => ({ ok: true, enrolled: edge !== null }),
    ready: () => ({ ok: edge?.ready() ?? false }),
  });
  logger.info({ port: health.port, dir: env.dir }, 'edge agent starting');
  const engine = await openEngine(env.engine);
  logger.info({ ...engine.describe() }, 'engine chosen');
  const enrolment = {
    controlUrl: env.controlUrl,
    kind: 'edge' as const,
    name: env.name,
    version,
    token: env.token ?? undefined,
    credentialPath: join(env.dir, 'credential.json'),
    logger,
    signal,
  };
  const credential = await enrolOnce(enrolment);
  edge = await startEdge({
    // The trainer uses what was found here, and does not search again.
    env: { ...env, engine: settled(env.engine, engine) },
    agentId: credential.agentId,
    client: createAgentClient({ controlUrl: env.controlUrl, credential, timeout: 10_000 }),
    vault,
    health,
    metrics,
    problems: new Problems((key, message) =>
      message === null ? logger.info({ problem: key }, 'solved') : logger.warn({ problem: key }, message),
    ),
    loader: engineModelLoader(engine, { threads: env.threads }),
    log: logger,
    startLearning,
    onUnauthenticated: () => reenrol(enrolment),
  });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await edge.stop();
  await health.close();
});

async function packageVersion(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
