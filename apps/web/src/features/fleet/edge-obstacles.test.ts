import { expect, it } from 'vitest';
import { edgeObstacles } from './edge-obstacles.ts';

it.each([
  [0, null, []],
  [0, 'revoked', []],
  [1, 'revoked', [/^1 camera sends to it/]],
  [0, 'pending', [/waits to be accepted/]],
  [3, 'accepted', [/^3 cameras send to it/, /^It is in service/]],
] as const)('an edge with %d cameras whose agent is %s', (cameras, status, obstacles) => {
  const found = edgeObstacles({ cameras, agent: status && { status } });
  expect(found).toEqual(obstacles.map((text) => expect.stringMatching(text)));
});
