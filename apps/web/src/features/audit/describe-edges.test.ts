import { expect, it } from 'vitest';
import { describeEdges } from './describe-edges.ts';

const told = { edgesTold: 2, edgesWaiting: [], edgesLost: [] };

it('says that all edges have deleted, also those that are no longer there', () => {
  expect(describeEdges(told)).toEqual({ open: [], done: 'all have deleted' });
});

it('says that there was no edge', () => {
  expect(describeEdges({ ...told, edgesTold: 0 })).toEqual({ open: [], done: 'none' });
});

it('names the edges that have not answered, and those that never will', () => {
  const { open, done } = describeEdges({
    edgesTold: 3,
    edgesWaiting: [{ name: 'Hall' }, { name: 'Yard' }],
    edgesLost: ['Annex'],
  });
  expect(open).toEqual(['waiting for Hall and Yard', 'never heard from Annex, deleted from the fleet']);
  expect(done).toBeNull();
});
