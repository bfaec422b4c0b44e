import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const instrumentation = fileURLToPath(new URL('./instrumentation.ts', import.meta.url));

it('ends a server that was told to stop, though a connection of it never ends', async () => {
  const endless = `import(${JSON.stringify(instrumentation)}).then(({ register }) => {
    register(10);
    setInterval(() => undefined, 1000);
    process.send('up');
  });`;
  const server = fork('-e', [endless], { execArgv: ['--import', import.meta.resolve('tsx')] });
  await once(server, 'message');
  server.kill('SIGTERM');
  expect(await once(server, 'exit')).toEqual([0, null]);
});
