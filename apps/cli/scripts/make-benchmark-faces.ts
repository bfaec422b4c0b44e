// The faces of the base benchmark, see packages/engine/src/faces/benchmark/. Run with `node --import tsx apps/cli/scripts/make-benchmark-faces.ts`.

import { writeFile } from 'node:fs/promises';
import type { Point, RgbImage } from '@saface/core';
import {
  applySimilarity,
  arcFaceTemplate,
  BENCHMARK_SHEET,
  encodeJpeg,
  fitSimilarity,
  invertSimilarity,
  warp,
} from '@saface/engine';
import { portraitPeople, renderEnrolmentPortraits } from '@saface/simulator';

/** Nobody of them lives in a scene or a demo world, or was trained on: the seed is used for nothing else. */
const SEED = 20_261_124;
const PEOPLE = 40;
const PICTURES = 3;

const { tile, columns } = BENCHMARK_SHEET;
const people = portraitPeople({ seed: SEED, people: PEOPLE });
const sheet: RgbImage = {
  width: columns * tile,
  height: Math.ceil((PEOPLE * PICTURES) / columns) * tile,
  data: new Uint8Array(columns * tile * Math.ceil((PEOPLE * PICTURES) / columns) * tile * 3),
};
/** A crop of ArcFace with as much again around it as any template of another model shows. */
const margin = (tile - 112) / 2;
const target = arcFaceTemplate(112).map(({ x, y }) => ({ x: x + margin, y: y + margin }));
const faces: { person: number; landmarks: [number, number][] }[] = [];
for (const [person, who] of people.entries()) {
  for (const { image, landmarks } of renderEnrolmentPortraits(who, PICTURES)) {
    const toTile = fitSimilarity(landmarks, target);
    paste(warp(image, invertSimilarity(toTile), tile), faces.length);
    faces.push({ person, landmarks: landmarks.map((point) => rounded(applySimilarity(toTile, point))) });
  }
  process.stderr.write(`\r${person + 1} of ${PEOPLE} people`);
}
const folder = new URL('../../../packages/engine/src/faces/benchmark/', import.meta.url);
await writeFile(new URL('faces.jpg', folder), await encodeJpeg(sheet, { quality: 88 }));
await writeFile(new URL('faces.json', folder), `${JSON.stringify(faces)}\n`);

function paste({ width, data }: RgbImage, number: number): void {
  const [left, top] = [(number % columns) * tile, Math.floor(number / columns) * tile];
  for (let row = 0; row < width; row++)
    sheet.data.set(data.subarray(row * width * 3, (row + 1) * width * 3), ((top + row) * sheet.width + left) * 3);
}

function rounded({ x, y }: Point): [number, number] {
  return [Number(x.toFixed(2)), Number(y.toFixed(2))];
}
