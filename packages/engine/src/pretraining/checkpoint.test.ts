import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Checkpoint, readCheckpoint, removeCheckpoint, writeCheckpoint } from './checkpoint.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'saface-checkpoint-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const checkpoint = (step: number): Checkpoint => ({
  plan: 'a plan',
  step,
  lossSum: 1.25,
  correctSum: 3,
  history: [],
  state: {
    values: new Map([
      ['weight', Float32Array.of(1, 2, step)],
      ['empty', new Float32Array(0)],
    ]),
    velocities: new Map([['weight', Float32Array.of(0, -1, 0.5)]]),
  },
});

describe('a checkpoint', () => {
  it('comes back as it was written, and the newest one counts', async () => {
    expect(await readCheckpoint(dir)).toBeNull();
    await writeCheckpoint(dir, checkpoint(1));
    const bytes = await writeCheckpoint(dir, checkpoint(2));
    expect(await readCheckpoint(dir)).toEqual(checkpoint(2));
    expect((await readFile(join(dir, 'checkpoint.bin'))).length).toBe(bytes);
    expect(await readdir(dir)).toEqual(['checkpoint.bin']);
    await removeCheckpoint(dir);
    expect(await readCheckpoint(dir)).toBeNull();
  });

  it('of a full disk is an error that says so, and the one before is kept', async ({ skip }) => {
    if (process.platform !== 'linux') return skip('only Linux has /dev/full');
    await writeCheckpoint(dir, checkpoint(1));
    // What is written next goes to a device without room.
    await symlink('/dev/full', join(dir, `checkpoint.bin.${process.pid}.part`));
    await expect(writeCheckpoint(dir, checkpoint(2))).rejects.toMatchObject({
      code: 'exhausted',
      message: expect.stringContaining('The disk is full'),
    });
    expect(await readCheckpoint(dir)).toEqual(checkpoint(1));
    expect(await readdir(dir)).toEqual(['checkpoint.bin']);
  });

  it('into a folder that cannot be is an error that names it', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(writeCheckpoint(join(dir, 'file'), checkpoint(1))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 3)],
    ['changed', (bytes: Buffer) => Buffer.from(bytes).fill(7, bytes.length - 3)],
    ['of another kind', () => Buffer.from('PK something else\n')],
    ['empty', () => Buffer.alloc(0)],
    ['without a sound head', (bytes: Buffer) => Buffer.from(bytes).fill(0x20, 22, 40)],
  ])('that is %s is refused', async (_, damage) => {
    await writeCheckpoint(dir, checkpoint(1));
    const path = join(dir, 'checkpoint.bin');
    await writeFile(path, damage(await readFile(path)));
    await expect(readCheckpoint(dir)).rejects.toMatchObject({ code: 'integrity' });
  });
});
