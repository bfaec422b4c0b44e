import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LogFile } from './log-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'saface-log-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

it('goes on where it was, begins anew when it is long, and keeps the one before', () => {
  const path = join(dir, 'web.log');
  for (let start = 0; start < 3; start++) {
    const log = new LogFile(path, 100);
    for (let line = 0; line < 20; line++) log.append(Buffer.from(`${start}-${line}\n`));
    log.close();
  }
  expect(readdirSync(dir).sort()).toEqual(['web.log', 'web.log.1']);
  expect(readFileSync(path, 'utf8')).toMatch(/2-19\n$/);
  const both = readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8');
  expect(both.split('\n').slice(-21, -1)).toEqual(Array.from({ length: 20 }, (_, line) => `2-${line}`));
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBeLessThan(110);
});

it('goes on in the long file where no other can be begun', () => {
  const path = join(dir, 'logs', 'web.log');
  expect(() => new LogFile(path)).toThrow(path);
  const log = new LogFile(join(dir, 'web.log'), 10);
  log.append(Buffer.from('as long as it may be\n'));
  rmSync(join(dir, 'web.log'));
  expect(() => log.append(Buffer.from('lost\n'))).toThrow('ENOENT');
  log.close();
});
