import { expect, it } from 'vitest';
import { preparePretraining } from './prepare-pretraining.ts';

const run = { createdAt: 0, startedAt: 1000, endedAt: null };

it('shows the loss at every point and the accuracy where it was measured', () => {
  const points = [
    { step: 1, time: 2000, loss: 5, heldOut: null },
    { step: 2, time: 3000, loss: 4, heldOut: 0.8 },
    { step: 4, time: 5000, loss: 3, heldOut: 0.7 },
  ];
  const prepared = preparePretraining({ ...run, points }, 60_000);
  expect(prepared).toMatchObject({ lastLoss: 3, bestHeldOut: 0.8, from: 1000, to: 60_000 });
  expect(prepared.curve.map(({ values }) => values)).toEqual([
    { loss: 5 },
    { loss: 4, heldOut: 0.8 },
    { loss: 3, heldOut: 0.7 },
  ]);
});

it('has an axis before there is anything on it', () => {
  expect(preparePretraining({ ...run, startedAt: null, points: [] }, 0)).toEqual({
    curve: [],
    lastLoss: null,
    bestHeldOut: null,
    from: 0,
    to: 10_000,
  });
});
