import { expect, it } from 'vitest';
import { ablations } from './ablations.ts';
import { copiesPlanned } from './cell.ts';
import { COPIES_VERSION } from './probe-features.ts';

it('names the version of altered copies in the plan of whatever is learnt with them, and only there', () => {
  const { 'without altered copies': without, 'with altered copies, also on an edge': everywhere } = ablations;
  const planned = (['portal', 'corridor'] as const).map((scene) =>
    [undefined, without, everywhere].map((change) => copiesPlanned(scene, change)),
  );
  expect(planned).toEqual([
    [COPIES_VERSION, undefined, COPIES_VERSION],
    [undefined, undefined, COPIES_VERSION],
  ]);
});
