import { SafaceError } from '@saface/core';
import { expect, it } from 'vitest';
import { silent } from '../testing/fixtures.ts';
import { checkpointWriter } from './checkpoint-writer.ts';

const state = { finished: [], fineTune: null };

it('goes on without a checkpoint that the disk has no room for, and writes the next', async () => {
  const results = [new SafaceError('exhausted', 'The disk is full', 'Free some space.'), null];
  let written = 0;
  const write = checkpointWriter(
    async () => {
      const error = results.shift();
      if (error) throw error;
      written += 1;
    },
    silent,
    0,
  );
  await write(state);
  await write(state);
  expect(written).toBe(1);
});

it('writes not more often than every so many milliseconds', async () => {
  let written = 0;
  const write = checkpointWriter(async () => {
    written += 1;
  }, silent);
  await write(state);
  await write(state);
  expect(written).toBe(1);
});
