import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTruth } from './truth.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saface-truth-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const read = async (text: string) => {
  const path = join(folder, 'labels.csv');
  await writeFile(path, text);
  return readTruth(path);
};

describe('readTruth', () => {
  it('reads the columns in any order, with what a spreadsheet adds', async () => {
    const truth = await read('\ufeffIdentity,Frame,w,h,x,y,note\r\n\r\n ana ,0,10,20,0,-1,\r\nbo,0,5,5,1,2,n\r\n');
    expect([...truth]).toEqual([
      [
        0,
        [
          { person: 'ana', box: { x: 0, y: -1, width: 10, height: 20 } },
          { person: 'bo', box: { x: 1, y: 2, width: 5, height: 5 } },
        ],
      ],
    ]);
  });

  it.each([
    ['0,ana,,0,10,10', 'line 3 is not a frame and a box'],
    [',ana,0,0,10,10', 'line 3 is not a frame and a box'],
    ['1.5,ana,0,0,10,10', 'line 3 is not a frame and a box'],
    ['0,ana,0,0,0,10', 'line 3 is not a frame and a box'],
    ['0, ,0,0,10,10', 'line 3 names nobody'],
  ])('refuses "%s", by the number that an editor shows', async (line, message) => {
    await expect(read(`frame,person,x,y,width,height\n\n${line}\n`)).rejects.toThrow(message);
  });
});
