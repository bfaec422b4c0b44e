import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { iou } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { openDetector } from '../models/registry.ts';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { decodeModel } from '../onnx/model.ts';
import { detectorFamily } from './detector-family.ts';
import { type GridOutput, gridStrides } from './grid-detector.ts';
import { readImage } from './image.ts';
import { scrfd } from './scrfd.ts';
import { plainPicture } from './testing.ts';
import { yunet } from './yunet.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../../..');
const data = process.env.SAFACE_DATA_DIR ?? join(root, '../shared/data');
const canvas = { width: 96, height: 64 };

/** Outputs without a face, `perCell` faces for each cell. */
function empty(parts: readonly { name: string; width: number }[], perCell: number): GridOutput[] {
  return parts.flatMap(({ name, width }) =>
    gridStrides.map((stride) => ({
      name: `${name}_${stride}`,
      data: new Float32Array(((canvas.width / stride) * canvas.height * perCell * width) / stride),
    })),
  );
}

describe('YuNet', () => {
  it('reads box and landmarks relative to the cell', () => {
    const parts = ['cls', 'obj'].map((name) => ({ name, width: 1 }));
    const outputs = empty([...parts, { name: 'bbox', width: 4 }, { name: 'kps', width: 10 }], 1);
    const part = (name: string) => outputs.find((output) => output.name === name)!.data;
    // Row 2, column 5 of the grid of stride 16 (6 columns).
    const cell = 2 * 6 + 5;
    part('cls_16')[cell] = 0.9;
    part('obj_16')[cell] = 0.4;
    part('bbox_16').set([0.5, 0.25, Math.log(2), Math.log(3)], cell * 4);
    part('kps_16').set([-0.5, -0.25, 0.5, -0.25, 0, 0, -0.5, 0.5, 0.5, 0.5], cell * 10);
    const [face, ...others] = yunet.decode(outputs, canvas, 0.5);
    expect(others).toEqual([]);
    expect(face!.score).toBeCloseTo(0.6, 6);
    expect(face!.box).toEqual({
      x: expect.closeTo(72, 4),
      y: expect.closeTo(12, 4),
      width: expect.closeTo(32, 4),
      height: expect.closeTo(48, 4),
    });
    expect(face!.landmarks![0]).toEqual({ x: 72, y: 28 });
    expect(face!.landmarks![4]).toEqual({ x: 88, y: 40 });
    expect(yunet.decode(outputs, canvas, 0.61)).toEqual([]);
  });
});

describe('SCRFD', () => {
  it('reads distances from the corner of the cell, two faces for each', () => {
    const outputs = empty(
      [
        { name: 'score', width: 1 },
        { name: 'bbox', width: 4 },
        { name: 'kps', width: 10 },
      ],
      2,
    );
    // The second face of row 1, column 2 of the grid of stride 32 (3 columns).
    const anchor = (1 * 3 + 2) * 2 + 1;
    outputs[2]!.data[anchor] = 0.8;
    outputs[5]!.data.set([0.5, 0.25, 1, 0.75], anchor * 4);
    outputs[8]!.data.set([0, 0, 0.25, 0, 0.125, 0.25, 0, 0.5, 0.25, 0.5], anchor * 10);
    expect(scrfd.decode(outputs, canvas, 0.5)).toEqual([
      {
        score: expect.closeTo(0.8, 6),
        box: { x: 48, y: 24, width: 48, height: 32 },
        landmarks: [
          { x: 64, y: 32 },
          { x: 72, y: 32 },
          { x: 68, y: 40 },
          { x: 64, y: 48 },
          { x: 72, y: 48 },
        ],
      },
    ]);
  });

  it('says which output does not fit the grid', () => {
    const outputs = empty([{ name: 'score', width: 1 }], 1).map((o) => ({ ...o, data: new Float32Array(7) }));
    expect(() => scrfd.decode([...outputs, ...outputs, ...outputs], canvas, 0.5)).toThrow(/score_8.*7 scores/);
  });
});

describe('detectorFamily', () => {
  it('refuses a network that is no detector, and names its outputs', () => {
    const graph = new GraphBuilder();
    graph.output(graph.op('Relu', [graph.input('x', [1, 3, 64, 64])], {}, 'embedding'), [1, 3, 64, 64]);
    expect(() => detectorFamily(graph.build())).toThrow(/embedding \[1, 3, 64, 64\]/);
  });
});

const files = [
  { file: 'yunet_n_640_640.onnx', family: 'yunet' },
  { file: 'yunet_n_dynamic.onnx', family: 'yunet' },
  { file: 'scrfd_500m_kps.onnx', family: 'scrfd' },
];
const missing = !existsSync(join(data, 'models'));

describe.skipIf(missing)(`detectors of other projects on group stills (needs ${data})`, () => {
  it.each(files)('$file is known by its outputs and finds every face with its landmarks', async ({ file, family }) => {
    const path = join(data, 'models', file);
    expect(detectorFamily(decodeModel(await readFile(path)))).toBe(family);
    const detector = await openDetector(path);
    const reference = await openDetector(join(data, 'models', 'scrfd_500m_kps.onnx'));
    try {
      for (const still of ['bbt1.jpg', 'bbt2.jpg', 'bbt3.jpg', 'bbt4.jpg', 'bbt5.jpg']) {
        const picture = await readImage(join(data, 'people', still));
        const faces = await detector.detect(picture);
        const others = (await reference.detect(picture)).filter(({ score }) => score > 0.7);
        expect(others.length).toBeGreaterThan(0);
        for (const { box } of others) expect(Math.max(...faces.map((face) => iou(face.box, box)))).toBeGreaterThan(0.5);
        for (const { box, landmarks } of faces.filter(({ score }) => score > 0.7)) {
          expect(landmarks).toHaveLength(5);
          const [right, left, nose, , mouth] = landmarks!;
          expect(right!.x).toBeLessThan(left!.x);
          expect(mouth!.y).toBeGreaterThan(Math.min(right!.y, left!.y));
          expect(nose!.x).toBeGreaterThan(box.x - 0.2 * box.width);
          expect(nose!.x).toBeLessThan(box.x + 1.2 * box.width);
        }
      }
      expect(await detector.detect(plainPicture(33, 500))).toEqual([]);
      expect(await detector.detect(plainPicture(1, 1))).toEqual([]);
    } finally {
      await detector.dispose();
      await reference.dispose();
    }
  });
});
