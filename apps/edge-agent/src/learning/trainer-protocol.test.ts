import { SafaceError } from '@saface/core';
import { expect, it } from 'vitest';
import { diskFull } from '../testing/fixtures.ts';
import { failureOf, trainerNoteSchema } from './trainer-protocol.ts';

it('tells a full disk, after which a run can go on, from what a run fails of', () => {
  const wrong = new SafaceError('not-found', 'The data is gone', 'Start a new run.');
  expect(failureOf(diskFull())).toEqual({ kind: 'no-room', message: 'The disk is full — Free some space.' });
  expect(failureOf(wrong)).toEqual({ kind: 'failed', message: 'The data is gone — Start a new run.' });
  expect(trainerNoteSchema.parse(failureOf(diskFull()))).toMatchObject({ kind: 'no-room' });
});
