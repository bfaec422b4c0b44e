import { createRandom, type RecogniserSpec, type RgbImage, type Trainer } from '@saface/core';
import { cropBox } from '@saface/engine';
import { createPedestrians, type Pedestrian, renderBodyPicture, studioConditions } from '@saface/simulator';
import { env } from '../env.ts';
import { engine } from '../offline/recogniser.ts';
import { bodyNetwork, buildBodyNetwork } from './body-network.ts';
import { labelledTriplets } from './labelled-triplets.ts';
import { type PairFigures, verifyPictures } from './verify-pictures.ts';

/** Everything that decides the weights, but for the engine's rounding. */
export const bodyTraining = {
  seed: 20_261,
  people: 120,
  pictures: 12,
  heldOutPeople: 24,
  steps: 300,
  /** People and pictures of each in one batch. */
  batchPeople: 10,
  batchPictures: 3,
  learningRate: 0.05,
  margin: 0.35,
} as const;

/** The model's name in the library. */
export const bodyReidName = 'body-reid-simulated';

const mean: [number, number, number] = [115, 115, 115];
const scale: [number, number, number] = [1 / 64, 1 / 64, 1 / 64];

export interface TrainedBodyNetwork {
  readonly onnx: Uint8Array;
  readonly spec: RecogniserSpec;
  /** On people whom training never saw. */
  readonly figures: PairFigures;
}

export interface BodyTrainingProgress {
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly activeShare: number;
}

/**
 * Step A of the paper for whole people: triplets with labels, from simulated people of whom no scene shows anybody, in even
 * light. The whole network is the learner here; only afterwards it is cut.
 */
export async function trainBodyNetwork(
  onProgress: (progress: BodyTrainingProgress) => void,
): Promise<TrainedBodyNetwork> {
  const { seed, people, pictures, heldOutPeople, steps } = bodyTraining;
  const everybody = createPedestrians(seed, people + heldOutPeople);
  const shelf = everybody.slice(0, people).map((person, at) => picturesOf(person, pictures, at));
  const trainer = await (await engine()).openTrainer({
    learner: buildBodyNetwork(seed),
    metric: 'cosine',
    threads: env.threads,
  });
  try {
    const random = createRandom(seed);
    for (let step = 0; step < steps; step++) {
      const batch = drawBatch(shelf, random);
      const embeddings = await trainer.embed(stack(batch.map(({ picture }) => picture)));
      const labels = batch.map(({ person }) => person);
      // Easy negatives first, the hardest sixth at the end.
      const hardest = 0.6 - 0.44 * Math.min(1, step / (0.6 * steps));
      const triplets = labelledTriplets({ labels, embeddings, dimension: bodyNetwork.dimension }, hardest, random);
      const samples = (['anchor', 'positive', 'negative'] as const).flatMap((part) =>
        triplets.map((triplet) => batch[triplet[part]].picture),
      );
      const { loss, active } = await trainer.step(stack(samples), { ...rates(step), apply: true });
      onProgress({ step: step + 1, steps, loss, activeShare: active / Math.max(1, triplets.length) });
    }
    const heldOut = everybody.slice(people).map((person, at) => picturesOf(person, 8, 10_000 + at));
    const figures = await verifyPictures(heldOut, (batch) => trainer.embed(stack(batch)));
    return { onnx: await trainer.export(), spec: specOf(figures), figures };
  } finally {
    await trainer.dispose();
  }
}

function rates(step: number): Omit<Parameters<Trainer['step']>[1], 'apply'> {
  const { learningRate, steps, margin } = bodyTraining;
  const warm = Math.min(1, (step + 1) / 30);
  const decay = 0.5 * (1 + Math.cos((Math.PI * step) / steps));
  return {
    learningRate: learningRate * warm * (0.03 + 0.97 * decay),
    momentum: 0.9,
    weightDecay: 1e-4,
    basePull: 0,
    margin,
  };
}

function specOf({ threshold }: PairFigures): RecogniserSpec {
  const { size, dimension, cut } = bodyNetwork;
  return {
    name: bodyReidName,
    input: { size, channels: 'rgb', mean, scale },
    alignment: { size, crop: 'box' },
    dimension,
    metric: 'cosine',
    defaultCut: cut,
    defaultThreshold: threshold,
  };
}

/** Crops as the network takes them, normalised and planar. */
function picturesOf(person: Pedestrian, count: number, number: number): Float32Array[] {
  return Array.from({ length: count }, (_, i) => {
    const { image, box } = renderBodyPicture(person, studioConditions, number * 1000 + i);
    return planar(cropBox(image, box, bodyNetwork.size));
  });
}

function planar({ width, height, data }: RgbImage): Float32Array {
  const area = width * height;
  const out = new Float32Array(3 * area);
  for (let channel = 0; channel < 3; channel++)
    for (let pixel = 0; pixel < area; pixel++)
      out[channel * area + pixel] = (data[pixel * 3 + channel] - mean[channel]) * scale[channel];
  return out;
}

function stack(pictures: readonly Float32Array[]): Float32Array {
  const size = 3 * bodyNetwork.size * bodyNetwork.size;
  const out = new Float32Array(pictures.length * size);
  for (const [at, picture] of pictures.entries()) out.set(picture, at * size);
  return out;
}

function drawBatch(shelf: readonly (readonly Float32Array[])[], random: () => number) {
  const { batchPeople, batchPictures } = bodyTraining;
  const chosen = new Set<number>();
  while (chosen.size < batchPeople) chosen.add(Math.floor(random() * shelf.length));
  return [...chosen].flatMap((person) =>
    Array.from({ length: batchPictures }, () => ({
      person,
      picture: shelf[person][Math.floor(random() * shelf[person].length)],
    })),
  );
}
