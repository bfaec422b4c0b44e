import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processService, type Service } from './service.ts';
import { Supervisor } from './supervisor.ts';

describe('Supervisor', () => {
  let dir: string;
  let events: string[];
  let supervisor: Supervisor;
  let launched: (pid: number) => void;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'saface-supervisor-'));
    events = [];
    launched = () => undefined;
    supervisor = new Supervisor({
      logDir: join(dir, 'logs'),
      runDir: join(dir, 'run'),
      onEvent: (text) => events.push(text),
    });
  });
  afterEach(async () => {
    await supervisor.stopAll();
    rmSync(dir, { recursive: true });
  });

  /** A real process that waits until it is ended; tells the test each time it is launched. */
  function waiting(name: string): Service {
    const service = processService({
      name,
      command: process.execPath,
      args: ['-e', 'process.on("SIGTERM", () => process.exit(0)); setInterval(() => {}, 1000)'],
      env: {},
      cwd: dir,
      ready: async () => true,
    });
    return {
      ...service,
      launch: async (log) => {
        const handle = await service.launch(log);
        launched(handle.pid);
        return handle;
      },
    };
  }

  it('starts a killed service again under a new process id', async () => {
    await supervisor.start(waiting('worker'));
    const first = supervisor.pid('worker');
    const again = new Promise<number>((resolve) => {
      launched = resolve;
    });
    process.kill(first!, 'SIGKILL');
    const second = await again;
    expect(second).not.toBe(first);
    expect(events).toEqual([expect.stringMatching(/^worker ended \(SIGKILL\); starting it again in/)]);
  });

  it('says which service was not ready, where its log is and how that ends', async () => {
    const failing = processService({
      name: 'web',
      command: process.execPath,
      args: ['-e', 'console.error("port is taken"); process.exit(7)'],
      env: {},
      cwd: dir,
      ready: async () => false,
      startTimeout: 1500,
    });
    await expect(supervisor.start(failing)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'web was not ready after 1.5 s',
      remedy: expect.stringContaining('port is taken'),
    });
  });

  it('ends what a killed supervisor left running before it starts the service anew', async () => {
    const leftover = await waiting('edge').launch(join(dir, 'edge.log'));
    writeFileSync(join(dir, 'run', 'edge.pid'), String(leftover.pid));
    await supervisor.start(waiting('edge'));
    expect(await leftover.exited).toBe('SIGKILL');
    expect(supervisor.pid('edge')).not.toBe(leftover.pid);
    expect(events.join('\n')).toContain(`Ending edge (process ${leftover.pid})`);
  });
});
