import { join } from 'node:path';
import {
  ArtifactCache,
  createAgentClient,
  createLogger,
  enrolAnew,
  enrolOnce,
  loadKeyFile,
  runProcess,
  startHealthServer,
} from '@saface/agent-kit';
import { SafaceError } from '@saface/core';
import packageJson from '../package.json' with { type: 'json' };
import { CameraAgent } from './camera-agent.ts';
import { runControlLoop } from './control/control-loop.ts';
import { ConfigStore } from './control/stored-config.ts';
import { readEnv } from './env.ts';
import { createMetrics } from './metrics.ts';
import { startProbeWorker } from './pipeline/probe-worker-client.ts';

const logger = createLogger('camera-agent');

await runProcess({ logger }, async (signal) => {
  const env = readEnv();
  logger.level = env.logLevel;
  const key = await loadKeyFile(env.keyFile);
  const enrolment = {
    controlUrl: env.controlUrl,
    kind: 'camera' as const,
    name: env.name,
    version: packageJson.version,
    token: env.token,
    credentialPath: join(env.directory, 'credential.json'),
    logger,
    signal,
  };
  let artifacts: ArtifactCache;
  const agent = new CameraAgent({
    artifacts: {
      fetch: (artifact, until) => artifacts.fetch(artifact, until),
      keepOnly: (sha256s) => artifacts.keepOnly(sha256s),
    },
    createFinder: startProbeWorker,
    sources: { simulatorDirectory: env.simulatorDirectory, networkTimeout: 10_000 },
    threads: env.threads,
    logger,
  });
  const health = await startHealthServer({
    port: env.port,
    host: env.host,
    registry: createMetrics(agent),
    // A camera that cannot be reached is the camera's failure, not this process's: restarting it would not help.
    health: () => ({ ok: true, ...agent.reported, link: agent.stats.link }),
  });
  logger.info({ port: health.port, camera: env.name }, 'camera agent runs');
  try {
    const credential = await enrolOnce(enrolment);
    const client = createAgentClient({ controlUrl: env.controlUrl, credential });
    artifacts = new ArtifactCache(join(env.directory, 'artifacts'), client);
    await runControlLoop({
      client,
      agent,
      store: new ConfigStore(join(env.directory, 'config.json'), key),
      logger,
      signal,
      async onRefused() {
        if (!(await enrolAnew(enrolment))) return;
        const remedy = 'The process ends and is started again by its supervisor.';
        throw new SafaceError('conflict', 'This camera was enrolled anew under another identity', remedy);
      },
    });
  } finally {
    await agent.close();
    await health.close();
  }
});
