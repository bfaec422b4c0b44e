import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  areaUnderCurve,
  describeError,
  embeddingDistance,
  type Learner,
  type RgbImage,
  SafaceError,
  sortPairs,
  tarAtFar,
} from '@saface/core';
import { alignProbe, detectInStill, markFaces, readImage } from '@saface/engine';
import type { FaceFinder } from './face-finder.ts';
import type { CutRecogniser } from './recogniser.ts';

export interface PicturePair {
  readonly a: string;
  readonly b: string;
  readonly same: boolean;
  /** Which tenth (or other part) of the benchmark it belongs to; null when the file does not say. */
  readonly fold: string | null;
}

export interface PairFigures {
  readonly pairs: number;
  /** Share of pairs decided rightly at the threshold that is best for them. */
  readonly bestAccuracy: number;
  readonly bestThreshold: number;
  /** Mean over folds, each at the threshold that is best for the others; null without folds. */
  readonly foldAccuracy: number | null;
  readonly folds: number;
  readonly auc: number;
  readonly tarAtFar1e2: number;
  readonly tarAtFar1e3: number;
  /** Pictures in which no face was found; the middle of the picture stood in for it. */
  readonly withoutFace: number;
}

/** @throws SafaceError `invalid-input` that names the file and line */
export async function readPairs(path: string): Promise<PicturePair[]> {
  const bad = (what: string) =>
    new SafaceError(
      'invalid-input',
      `Cannot use the pairs in "${path}": ${what}`,
      'Give a CSV whose first line is: a,b,same (and fold, if known).',
    );
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw bad(describeError(error));
  });
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const header = (lines[0] ?? '').split(',').map((name) => name.trim().toLowerCase());
  const [a, b, same] = ['a', 'b', 'same'].map((name) => {
    const at = header.indexOf(name);
    if (at < 0) throw bad(`there is no column "${name}"`);
    return at;
  });
  const fold = header.indexOf('fold');
  const pairs = lines.slice(1).map((line, i) => {
    const cells = line.split(',').map((cell) => cell.trim());
    if (!cells[a] || !cells[b] || !/^[01]$/.test(cells[same] ?? ''))
      throw bad(`line ${i + 2} is not two pictures and 0 or 1: ${line.slice(0, 80)}`);
    return { a: cells[a], b: cells[b], same: cells[same] === '1', fold: cells[fold] ?? null };
  });
  if (!pairs.some(({ same: one }) => one) || pairs.every(({ same: one }) => one))
    throw bad('it needs pairs of one person and pairs of two');
  return pairs;
}

interface PairTools {
  readonly recogniser: Pick<CutRecogniser, 'spec' | 'extractor'>;
  readonly learner: Learner;
  readonly finder: FaceFinder;
  readonly onPicture: (done: number, total: number) => void;
}

/** Crops and embeddings of this many pictures at once. */
const BATCH = 16;

/** Verification of picture pairs with our own detection and alignment; in each picture the face nearest its middle counts. */
export async function verifyPairs(
  folder: string,
  pairs: readonly PicturePair[],
  tools: PairTools,
): Promise<PairFigures> {
  const { spec, extractor } = tools.recogniser;
  const names = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))];
  const embeddings = new Map<string, Float32Array>();
  let withoutFace = 0;
  for (let start = 0; start < names.length; start += BATCH) {
    const batch = names.slice(start, start + BATCH);
    const crops: RgbImage[] = [];
    for (const name of batch) {
      const { crop, found } = await cropOf(await readImage(join(folder, name)), tools);
      crops.push(crop);
      if (!found) withoutFace++;
    }
    const values = await tools.learner.embed(await extractor.extract(crops));
    const { dimension } = tools.learner;
    for (const [i, name] of batch.entries()) embeddings.set(name, values.slice(i * dimension, (i + 1) * dimension));
    tools.onPicture(start + batch.length, names.length);
  }
  const distances = pairs.map(({ a, b }) => embeddingDistance(embeddings.get(a)!, embeddings.get(b)!, spec.metric));
  return { ...pairFigures(pairs, distances), withoutFace };
}

/** Figures from the distance of each pair. */
export function pairFigures(
  pairs: readonly PicturePair[],
  distances: readonly number[],
): Omit<PairFigures, 'withoutFace'> {
  const of = (same: boolean) => distances.filter((_, i) => pairs[i].same === same);
  const sorted = sortPairs({ genuine: of(true), impostor: of(false) });
  const everything = pairs.map(({ same }, i) => ({ same, distance: distances[i] }));
  const best = bestThreshold(everything);
  const folds = [...new Set(pairs.map(({ fold }) => fold))].filter((fold) => fold !== null);
  const accuracies = folds.map((fold) => {
    const inside = everything.filter((_, i) => pairs[i].fold === fold);
    return accuracyAt(inside, bestThreshold(everything.filter((_, i) => pairs[i].fold !== fold)));
  });
  return {
    pairs: pairs.length,
    bestAccuracy: accuracyAt(everything, best),
    bestThreshold: best,
    foldAccuracy: folds.length > 1 ? accuracies.reduce((a, b) => a + b, 0) / accuracies.length : null,
    folds: folds.length,
    auc: areaUnderCurve(sorted),
    tarAtFar1e2: tarAtFar(sorted, 0.01).tar,
    tarAtFar1e3: tarAtFar(sorted, 0.001).tar,
  };
}

interface Judged {
  readonly same: boolean;
  readonly distance: number;
}

function accuracyAt(pairs: readonly Judged[], threshold: number): number {
  return pairs.filter(({ same, distance }) => distance <= threshold === same).length / pairs.length;
}

/** Half-way between the two distances that separate best. */
function bestThreshold(pairs: readonly Judged[]): number {
  const sorted = [...pairs].sort((a, b) => a.distance - b.distance);
  let right = sorted.filter(({ same }) => !same).length;
  let best = { right, threshold: sorted[0].distance - 1e-6 };
  sorted.forEach(({ same, distance }, i) => {
    right += same ? 1 : -1;
    const next = sorted[i + 1]?.distance ?? distance + 1e-6;
    if (right > best.right && next > distance) best = { right, threshold: (distance + next) / 2 };
  });
  return best.threshold;
}

async function cropOf(image: RgbImage, { recogniser, finder }: PairTools): Promise<{ crop: RgbImage; found: boolean }> {
  const { alignment } = recogniser.spec;
  const offset = ({ box }: { box: { x: number; y: number; width: number; height: number } }) =>
    Math.hypot(box.x + box.width / 2 - image.width / 2, box.y + box.height / 2 - image.height / 2);
  const [nearest] = (await detectInStill(finder.detector, image)).sort((a, b) => offset(a) - offset(b));
  const box = { x: image.width / 4, y: image.height / 4, width: image.width / 2, height: image.height / 2 };
  const [face] = await markFaces(image, [nearest ?? { box, score: 0 }], finder.landmarker);
  return { crop: alignProbe(image, face, alignment), found: nearest !== undefined };
}
