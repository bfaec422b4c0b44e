import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isAlive, processService, type Service } from './service.ts';
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
      launch: async (...args) => {
        const handle = await service.launch(...args);
        launched(handle.pid);
        return handle;
      },
    };
  }

  it('watches a service whose process id cannot be noted, and starts no second one beside it', async () => {
    rmSync(join(dir, 'run'), { recursive: true });
    const pids: number[] = [];
    const again = new Promise<void>((resolve) => {
      launched = (pid) => {
        pids.push(pid);
        if (pids.length === 2) resolve();
      };
    });
    await supervisor.start(waiting('worker'));
    expect(supervisor.pid('worker')).toBe(pids[0]);
    process.kill(pids[0]!, 'SIGKILL');
    await again;
    await vi.waitFor(() => expect(supervisor.pid('worker')).toBe(pids[1]));
    expect(events.filter((text) => text.includes('will not find this process'))).toHaveLength(2);
    await supervisor.stopAll();
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('ends what a killed supervisor left behind before anything is started', async () => {
    const left = await Promise.all(
      ['edge', 'web'].map(async (name) => {
        const handle = await waiting(name).launch(join(dir, `${name}.log`), () => undefined);
        writeFileSync(join(dir, 'run', `${name}.pid`), String(handle.pid));
        return handle;
      }),
    );
    writeFileSync(join(dir, 'run', 'stack.json'), '{}');
    await supervisor.endLeftovers();
    for (const { exited } of left) expect(await exited).toBe('SIGKILL');
    await supervisor.endLeftovers();
    expect(events).toHaveLength(2);
  });

  it('leaves nothing running when its process ends without stopping it', async () => {
    const [supervisorFile, serviceFile] = ['./supervisor.ts', './service.ts'].map((name) => import.meta.resolve(name));
    const impatient = `
      import { Supervisor } from '${supervisorFile}';
      import { processService } from '${serviceFile}';
      const folders = { logDir: '${dir}/logs', runDir: '${dir}/run' };
      const supervisor = new Supervisor({ ...folders, onEvent: () => undefined });
      const args = ['-e', 'setInterval(() => {}, 1000)'];
      const settings = { command: process.execPath, args, env: {}, cwd: '${dir}', ready: async () => true };
      await supervisor.start(processService({ name: 'worker', ...settings }));
      process.stdout.write(String(supervisor.pid('worker')), () => process.exit(130));`;
    const loader = import.meta.resolve('tsx');
    const args = ['--import', loader, '--input-type=module', '-e', impatient];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status, stderr).toBe(130);
    expect(Number(stdout)).toBeGreaterThan(0);
    await vi.waitFor(() => expect(isAlive(Number(stdout))).toBe(false));
  });

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

  it('leaves nothing behind when it is stopped while a killed service is being launched again', async () => {
    const service = waiting('worker');
    await supervisor.start(service);
    let stopped: Promise<void> | undefined;
    const again = new Promise<number>((resolve) => {
      launched = (pid) => {
        // The launch has not returned yet: its process runs, and the supervisor holds no handle of it.
        stopped = supervisor.stopAll();
        resolve(pid);
      };
    });
    process.kill(supervisor.pid('worker')!, 'SIGKILL');
    const pid = await again;
    await stopped;
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('keeps a service running whose log cannot be written, and says so once', async () => {
    symlinkSync('/dev/full', join(dir, 'logs', 'talker.log'));
    const heard = join(dir, 'heard');
    const talker = processService({
      name: 'talker',
      command: process.execPath,
      args: [
        '-e',
        `console.log('one'); console.error('two'); setTimeout(() => { console.log('three'); fs.writeFileSync(${JSON.stringify(heard)}, ''); }, 50); setInterval(() => {}, 1000)`,
      ],
      env: {},
      cwd: dir,
      ready: async () => existsSync(heard),
    });
    await supervisor.start(talker);
    await vi.waitFor(() => expect(events.length).toBeGreaterThan(0));
    expect(supervisor.pid('talker')).not.toBeNull();
    expect(events.every((text) => /^talker: its log cannot be written.*no space left/.test(text))).toBe(true);
    expect(events.length).toBeLessThanOrEqual(2); // once for each of its two outputs
  });

  it('ends what a killed supervisor left running before it starts the service anew', async () => {
    const leftover = await waiting('edge').launch(join(dir, 'edge.log'), () => undefined);
    writeFileSync(join(dir, 'run', 'edge.pid'), String(leftover.pid));
    await supervisor.start(waiting('edge'));
    expect(await leftover.exited).toBe('SIGKILL');
    expect(supervisor.pid('edge')).not.toBe(leftover.pid);
    expect(events.join('\n')).toContain(`Ending edge (process ${leftover.pid})`);
  });
});
