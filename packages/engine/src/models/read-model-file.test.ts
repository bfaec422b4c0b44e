import { mkdtemp, open, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHalf } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GraphBuilder } from '../onnx/graph-builder.ts';
import { decodeModel } from '../onnx/model.ts';
import { decodeWire, encodeWire } from '../onnx/proto.ts';
import { openForeignModel } from './import/open-foreign-model.ts';
import { readModelFile } from './read-model-file.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function smallModel(weight = 1): Uint8Array {
  const graph = new GraphBuilder();
  const input = graph.input('x', ['N', 3, 8, 8]);
  graph.output(graph.op('Mul', [input, graph.constant(Float32Array.of(weight), [1], 'w')], {}, 'y'), ['N', 3, 8, 8]);
  return graph.encode();
}

describe('readModelFile', () => {
  it('reads a model', async () => {
    const path = join(folder, 'model.onnx');
    await writeFile(path, smallModel());
    expect(decodeModel((await readModelFile(path)).bytes).graph.outputs[0]!.name).toBe('y');
  });

  it('refuses two gigabytes of zeros by their first bytes', async () => {
    const path = join(folder, 'zeros.onnx');
    await (await open(path, 'w')).close();
    await truncate(path, 2 ** 31);
    const before = process.memoryUsage().rss;
    await expect(readModelFile(path)).rejects.toMatchObject({ code: 'integrity', message: /zeros\.onnx/ });
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
  });

  it.each([
    ['a Python pickle', Uint8Array.of(0x80, 2, 0x7d, 0x71, 0)],
    ['a zip archive', Uint8Array.of(0x50, 0x4b, 3, 4, 0)],
    ['an HDF5 file', Uint8Array.of(0x89, 0x48, 0x44, 0x46)],
    ['empty', new Uint8Array(0)],
  ])('says that a file is %s', async (what, bytes) => {
    const path = join(folder, 'other.onnx');
    await writeFile(path, bytes);
    await expect(readModelFile(path)).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining(what),
    });
  });

  it.each([
    ['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3998070\n', 'git lfs pull'],
    ['\n<!DOCTYPE html>\n<html lang="en">', 'Download the file itself'],
  ])('says how to get the model that %j stands for', async (text, remedy) => {
    const path = join(folder, 'note.onnx');
    await writeFile(path, text);
    await expect(readModelFile(path)).rejects.toMatchObject({ remedy: expect.stringContaining(remedy) });
  });

  it('names a file that is not there, and a folder', async () => {
    await expect(readModelFile(join(folder, 'none.onnx'))).rejects.toMatchObject({
      code: 'not-found',
      message: /none/,
    });
    await expect(readModelFile(folder)).rejects.toThrow(/is not a file|cannot be read/);
  });
});

describe('openForeignModel', () => {
  it('refuses a file that is cut short', async () => {
    const bytes = smallModel();
    await expect(openForeignModel(bytes.subarray(0, bytes.length - 9), { size: 112 })).rejects.toMatchObject({
      code: 'integrity',
    });
  });

  it('takes half precision as single precision', async () => {
    const graph = new GraphBuilder();
    const input = graph.input('x', ['N', 3, 8, 8], 'float16');
    graph.tensor({ name: 'w', type: 'float16', dims: [1], data: toHalf([0.5]) });
    const product = graph.op('Mul', [input, 'w']);
    graph.output(graph.op('Cast', [product], { to: 1 }, 'y'), ['N', 3, 8, 8]);
    const { model, notes } = await openForeignModel(graph.encode(), { size: 112 });
    expect(model.graph.inputs[0]!.type).toBe('float32');
    expect(model.graph.initializers.get('w')).toMatchObject({ type: 'float32', data: Float32Array.of(0.5) });
    expect(notes).toEqual(['Converted from float16 to float32']);
  });

  it('reads weights from the file beside the model, and names it when it is not there', async () => {
    const wire = decodeWire(smallModel());
    const [tensor] = wire.graph!.initializer!;
    const place = (location: string, offset: string) => [
      { key: 'location', value: location },
      { key: 'offset', value: offset },
      { key: 'length', value: '4' },
    ];
    const path = join(folder, 'external.onnx');
    const save = async (location: string, offset = '4') => {
      Object.assign(tensor!, { rawData: new Uint8Array(0), dataLocation: 1, externalData: place(location, offset) });
      await writeFile(path, encodeWire(wire));
    };
    await save('weights.bin');
    const { bytes, external } = await readModelFile(path);
    await expect(openForeignModel(bytes, { size: 112, external })).rejects.toThrow(
      /"weights\.bin", which is not there/,
    );
    await writeFile(join(folder, 'weights.bin'), new Uint8Array(Float32Array.of(1, 7).buffer));
    const both = await readModelFile(path);
    const { model } = await openForeignModel(both.bytes, { size: 112, external: both.external });
    expect(model.graph.initializers.get('w')!.data).toEqual(Float32Array.of(7));
    await save('weights.bin', 'four');
    const odd = await readModelFile(path);
    await expect(openForeignModel(odd.bytes, { size: 112, external: odd.external })).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringContaining('offset of "w"'),
    });
    // Behind a link lies somebody else's file.
    await symlink('/etc/passwd', join(folder, 'link.bin'));
    await save('link.bin');
    expect((await readModelFile(path)).external.size).toBe(0);
    await save('../weights.bin');
    await expect(readModelFile(path)).rejects.toThrow(/outside its own folder/);
  });

  it('gives pictures the asked size where the file leaves it open', async () => {
    const graph = new GraphBuilder();
    const input = graph.input('x', ['N', 3, 'height', 'width']);
    graph.output(graph.op('Relu', [input], {}, 'y'), ['N', 3, 'height', 'width']);
    const { model, notes } = await openForeignModel(graph.encode(), { size: 96 });
    expect(model.graph.inputs[0]!.shape).toEqual(['N', 3, 96, 96]);
    expect(model.graph.outputs[0]!.shape).toEqual(['N', 3, 96, 96]);
    expect(notes).toEqual(['The file leaves the size of the pictures open: taken as 96x96']);
  });

  it('names the weight that is not a number', async () => {
    await expect(openForeignModel(smallModel(Number.NaN), { size: 112 })).rejects.toThrow(/"w".*not finite/);
  });
});
