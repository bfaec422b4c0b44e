// CPU and latency of a recogniser's call, with and without spinning threads (docs/decisions/018). Run on an otherwise idle machine:
//   node --import tsx scripts/measure-spinning.mjs
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureDefaultModels, floatTensor, OrtSession, spinThreads } from '../packages/engine/src/index.ts';

const CALLS = 40;
const models = await ensureDefaultModels(join(tmpdir(), 'saface-measure-models'));
const input = floatTensor(new Float32Array(2 * 3 * 150 * 150), [2, 3, 150, 150]);
for (const spinning of [true, false, true, false]) {
  spinThreads(spinning);
  const session = await OrtSession.create(models.recogniser.path, { threads: 2 });
  for (let i = 0; i < 3; i++) await session.run({ input });
  const before = process.cpuUsage();
  let waited = 0;
  for (let i = 0; i < CALLS; i++) {
    const from = performance.now();
    await session.run({ input });
    waited += performance.now() - from;
    await delay(50);
  }
  const { user, system } = process.cpuUsage(before);
  await session.dispose();
  process.stdout.write(
    `${JSON.stringify({ spinning, cpuMsPerCall: (user + system) / 1000 / CALLS, msPerCall: waited / CALLS })}\n`,
  );
}
