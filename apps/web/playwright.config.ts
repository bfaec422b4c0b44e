import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import { world } from './e2e/world.ts';

const root = resolve(fileURLToPath(import.meta.url), '../../..');

// Chosen once; Playwright's worker processes inherit it.
process.env.SAFACE_E2E_PORT ??= execFileSync(process.execPath, [
  '-e',
  "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{process.stdout.write(String(s.address().port));s.close()})",
]).toString();
const port = process.env.SAFACE_E2E_PORT;
/** A stack of its own, but the videos of the simulated world are rendered only once. */
process.env.SAFACE_E2E_HOME ??= join(tmpdir(), `saface-e2e-${port}`);

const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

export default defineConfig({
  testDir: './e2e',
  // One stack, one story: the specs build on the same running system.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  outputDir: join(root, 'test-results'),
  use: {
    baseURL: `http://localhost:${port}`,
    // An action that waits longer will not come about; the message then names it.
    actionTimeout: 60_000,
    viewport: { width: 1440, height: 900 },
    // Without a film of every test: drawing it takes a good part of a small machine, which recognises and learns meanwhile.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  webServer: {
    command: `"${process.execPath}" apps/cli/bin/saface.mjs demo`,
    cwd: root,
    env: {
      SAFACE_HOME: process.env.SAFACE_E2E_HOME,
      PORT: port,
      ...world,
    },
    // Answers once agents and cameras were started as well.
    url: `http://localhost:${port}/api/ready`,
    // The first start renders the simulated world, which takes minutes on a small machine.
    timeout: 30 * 60_000,
    stdout: 'ignore',
    stderr: 'pipe',
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
  },
});
