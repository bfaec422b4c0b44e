import type { OutboxItem } from '@saface/core';
import { beforeEach, expect, it } from 'vitest';
import { plainCrop, silent } from '../testing/fixtures.ts';
import { TripletPictures } from './triplet-pictures.ts';

const triplets = [{ anchor: 0, positive: 1, negative: 2, positiveDistance: 0.1, negativeDistance: 0.9 }];

let items: OutboxItem[];
let ended: boolean;
let pictures: TripletPictures;

beforeEach(() => {
  items = [];
  ended = false;
  pictures = new TripletPictures({ add: async (item) => void items.push(item), mayShow: () => !ended, log: silent });
  pictures.keep(
    'run',
    [10, 20, 200].map((value) => ({ width: 8, height: 8, data: plainCrop(value) })),
  );
});

it('sends the pictures that the trainer chose, once', async () => {
  await pictures.send('run', triplets);
  await pictures.send('run', triplets);
  expect(items).toMatchObject([
    { id: 'triplets-run', payload: { runId: 'run', triplets: [{ positiveDistance: 0.1 }] } },
  ]);
});

it('sends nothing of a run that was cancelled while the pictures were made', async () => {
  const sending = pictures.send('run', triplets);
  ended = true;
  await sending;
  expect(items).toEqual([]);
});
