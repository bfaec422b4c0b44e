import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, pretrainEpochSchema, SafaceError } from '@saface/core';
import { z } from 'zod';
import type { ClassificationState } from './classification-trainer.ts';

const headerSchema = z.object({
  /** Of everything that decides what is learnt: a checkpoint goes on only under the same plan. */
  plan: z.string(),
  /** Steps done. */
  step: z.number().int().nonnegative(),
  /** Sums over the steps of the epoch that has begun. */
  lossSum: z.number(),
  correctSum: z.number(),
  history: z.array(pretrainEpochSchema),
  tensors: z.array(
    z.object({ kind: z.enum(['value', 'velocity']), name: z.string(), length: z.number().int().nonnegative() }),
  ),
  sha256: z.string().length(64),
});
type Header = z.infer<typeof headerSchema>;

export type CheckpointPosition = Omit<Header, 'tensors' | 'sha256'>;

export interface Checkpoint extends CheckpointPosition {
  readonly state: ClassificationState;
}

const magic = 'SAFACE checkpoint 1\n';
const fileName = 'checkpoint.bin';

/**
 * Writes the checkpoint of `dir`: whole, or not at all, in which case the one before stays.
 * @returns its size in bytes
 * @throws SafaceError 'exhausted' when the disk is full, 'unavailable' when the folder cannot be written
 */
export async function writeCheckpoint(dir: string, { state, ...position }: Checkpoint): Promise<number> {
  const parts: { kind: 'value' | 'velocity'; name: string; data: Float32Array }[] = [
    ...[...state.values].map(([name, data]) => ({ kind: 'value' as const, name, data })),
    ...[...state.velocities].map(([name, data]) => ({ kind: 'velocity' as const, name, data })),
  ];
  const hash = createHash('sha256');
  for (const { data } of parts) hash.update(bytesOf(data));
  const tensors = parts.map(({ kind, name, data }) => ({ kind, name, length: data.length }));
  const header: Header = { ...position, tensors, sha256: hash.digest('hex') };
  const head = Buffer.from(`${magic}${JSON.stringify(header)}\n`);
  const temporary = join(dir, `${fileName}.${process.pid}.part`);
  try {
    await mkdir(dir, { recursive: true });
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(head);
      for (const { data } of parts) await file.writeFile(bytesOf(data));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(dir, fileName));
  } catch (cause) {
    // Where the folder itself is none, there is nothing to remove either.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writingError(cause, dir);
  }
  return parts.reduce((sum, { data }) => sum + data.byteLength, head.length);
}

/**
 * The checkpoint of `dir`, or null when there is none.
 * @throws SafaceError 'integrity' when it is damaged
 */
export async function readCheckpoint(dir: string): Promise<Checkpoint | null> {
  const path = join(dir, fileName);
  let file: Buffer;
  try {
    file = await readFile(path);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw damaged(path, describeError(cause), cause);
  }
  const end = file.indexOf('\n', magic.length);
  if (file.subarray(0, magic.length).toString() !== magic || end < 0) throw damaged(path, 'it is no checkpoint');
  let header: Header;
  try {
    header = headerSchema.parse(JSON.parse(file.subarray(magic.length, end).toString()));
  } catch (cause) {
    throw damaged(path, 'its head cannot be read', cause);
  }
  const body = file.subarray(end + 1);
  if (createHash('sha256').update(body).digest('hex') !== header.sha256) throw damaged(path, 'its hash is wrong');
  const values = new Map<string, Float32Array>();
  const velocities = new Map<string, Float32Array>();
  let at = 0;
  for (const { kind, name, length } of header.tensors) {
    // A copy: the view into the file is seldom aligned.
    const data = new Float32Array(new Uint8Array(body.subarray(at, at + 4 * length)).buffer);
    (kind === 'value' ? values : velocities).set(name, data);
    at += 4 * length;
  }
  const { tensors: _, sha256: __, ...position } = header;
  return { ...position, state: { values, velocities } };
}

/** Removes the checkpoint of `dir`, if there is one. */
export async function removeCheckpoint(dir: string): Promise<void> {
  await rm(join(dir, fileName), { force: true });
}

function bytesOf(data: Float32Array): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function writingError(cause: unknown, dir: string): SafaceError {
  const full = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC';
  return new SafaceError(
    full ? 'exhausted' : 'unavailable',
    full
      ? `The disk is full: no room for a checkpoint in "${dir}"`
      : `Cannot write a checkpoint to "${dir}" (${describeError(cause)})`,
    'The checkpoint before it is kept. Make room in that folder and start again: training goes on from there.',
    { cause },
  );
}

function damaged(path: string, why: string, cause?: unknown): SafaceError {
  return new SafaceError(
    'integrity',
    `The checkpoint "${path}" is damaged: ${why}`,
    'Remove it and train from the beginning.',
    cause === undefined ? undefined : { cause },
  );
}
