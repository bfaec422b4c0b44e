import { buildLearningSet } from '@saface/core';
import { expect, it } from 'vitest';
import { JudgeClient } from './judge-client.ts';

const nothing = { set: buildLearningSet([]), dimension: 4, metric: 'euclidean' as const };
const order = {
  kind: 'threshold' as const,
  input: { ...nothing, arrivals: [], embeddings: new Float32Array(0), gallerySize: 1, cameras: 1, alarmsPerWeek: 1 },
};

it('judges in another process, again after that was ended, and says so when it ends in the middle', async () => {
  const client = new JudgeClient();
  expect(await client.judge(order)).toBeNull();
  client.stop();
  expect(await client.judge(order)).toBeNull();
  const asked = client.judge(order);
  client.stop();
  await expect(asked).rejects.toThrow('the edge is stopping');
});
