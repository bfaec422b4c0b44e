import { type FileHandle, open, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { describeError, SafaceError } from '@saface/core';
import { externalLocations } from '../onnx/model.ts';

/** Protocol buffers, and so ONNX files, cannot be larger; larger models keep their weights beside the file. */
const MAX_BYTES = 2 ** 31 - 1;
const HEAD_BYTES = 64;

export interface ModelFileContents {
  readonly bytes: Uint8Array;
  /** Contents of the files beside it that hold weights, by the location that the model names. */
  readonly external: ReadonlyMap<string, Uint8Array>;
}

/**
 * Reads a model file. What cannot be one is refused by its size and first bytes, before it is read.
 * @throws SafaceError 'not-found', 'integrity' when it is something else than an ONNX model
 */
export async function readModelFile(path: string): Promise<ModelFileContents> {
  const file = await open(path).catch((cause: unknown) => {
    throw new SafaceError(
      'not-found',
      `The model file ${path} cannot be read (${describeError(cause)})`,
      'Check the path and its permissions.',
      { cause },
    );
  });
  try {
    await checkHead(file, path);
    const bytes = await file.readFile();
    return { bytes, external: await readExternal(path, externalLocations(bytes)) };
  } finally {
    await file.close();
  }
}

/** Files that are not there are left out: the model names them when it is decoded. */
async function readExternal(path: string, locations: readonly string[]): Promise<Map<string, Uint8Array>> {
  const folder = dirname(path);
  const found = new Map<string, Uint8Array>();
  for (const location of locations) {
    // A model that came from elsewhere must not name files outside its own folder.
    const outside = isAbsolute(location) || relative(folder, join(folder, location)).startsWith('..');
    if (outside) {
      throw new SafaceError(
        'invalid-input',
        `The model names "${location}" as a file of its weights, which is outside its own folder`,
        'Save the model with its weights beside it.',
      );
    }
    const contents = await readBeside(folder, location);
    if (contents) found.set(location, contents);
  }
  return found;
}

/** Null where nothing is, or what lies elsewhere behind a link, or is no file: reading a pipe would never end. */
async function readBeside(folder: string, location: string): Promise<Uint8Array | null> {
  try {
    const [home, path] = await Promise.all([realpath(folder), realpath(join(folder, location))]);
    if (relative(home, path).startsWith('..') || !(await stat(path)).isFile()) return null;
    return await readFile(path);
  } catch {
    return null;
  }
}

async function checkHead(file: FileHandle, path: string): Promise<void> {
  const refuse = (what: string, remedy: string) => new SafaceError('integrity', `"${path}" ${what}`, remedy);
  const stat = await file.stat();
  if (!stat.isFile()) throw refuse('is not a file', 'Give the path of an .onnx file.');
  if (stat.size === 0) throw refuse('is empty', 'Copy or export the model again.');
  const { buffer: head, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  refuseForeignFormat(head.subarray(0, bytesRead), path);
  if (stat.size > MAX_BYTES) {
    throw refuse(
      `has ${(stat.size / 1e9).toFixed(1)} GB, more than an ONNX file can have`,
      'Save the model with external data, and keep those files beside it.',
    );
  }
}

/**
 * @param bytes at least the first 64 of a file
 * @throws SafaceError `integrity` where they say that it is something else than an ONNX model.
 */
export function refuseForeignFormat(bytes: Uint8Array, name: string): void {
  const foreign = foreignFormat(bytes.subarray(0, HEAD_BYTES));
  if (foreign) throw new SafaceError('integrity', `"${name}" is ${foreign.what}, not an ONNX model`, foreign.remedy);
}

interface ForeignFormat {
  readonly what: string;
  readonly remedy: string;
}

/** What the first bytes say a file is, or null when they may begin an ONNX model. */
export function foreignFormat(head: Uint8Array): ForeignFormat | null {
  const begins = (...bytes: number[]) => bytes.every((byte, i) => head[i] === byte);
  const says = (pattern: RegExp) => pattern.test(new TextDecoder().decode(head));
  if (says(/^version https:\/\/git-lfs/))
    return { what: "Git LFS's note of where the file is", remedy: 'Fetch the file itself (git lfs pull).' };
  if (says(/^\s*<(!doctype|html|\?xml)/i))
    return { what: 'a web page', remedy: 'Download the file itself: the address may need a sign-in, or a "raw" link.' };
  const other = (what: string) => ({ what, remedy: 'Export the model as ONNX (torch.onnx.export).' });
  if (begins(0x80) && head[1]! >= 2 && head[1]! <= 5) return other('a Python pickle');
  if (begins(0x50, 0x4b, 0x03, 0x04)) return other('a zip archive (PyTorch saves checkpoints so)');
  if (begins(0x89, 0x48, 0x44, 0x46)) return other('an HDF5 file');
  if (begins(0x1f, 0x8b)) return other('a gzip archive');
  // A protocol buffer begins with a field number and a wire type; ModelProto has fields 1 to 25.
  const field = head[0]! >> 3;
  const wireType = head[0]! & 7;
  return field >= 1 && (wireType === 0 || wireType === 2) ? null : other('no protocol buffer');
}
