import { expect, it } from 'vitest';
import { follow } from './follow.ts';

const known = { name: 'Door', galleries: ['staff'], tracks: '20' };

it('takes over what others saved in fields that were not touched here', () => {
  const server = { ...known, galleries: ['staff', 'residents'] };
  expect(follow({ ...known, tracks: '30' }, known, server)).toEqual({ ...server, tracks: '30' });
});

it('keeps what was typed here, also where others changed the same', () => {
  const draft = { ...known, galleries: [] };
  expect(follow(draft, known, { ...known, galleries: ['residents'] })).toBe(draft);
});

it('is the same draft where nothing was saved', () => {
  const draft = { ...known, name: 'Gate' };
  expect(follow(draft, known, { ...known })).toBe(draft);
});
