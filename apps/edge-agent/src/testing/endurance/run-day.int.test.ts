import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom } from '@saface/core';
import { describe, expect, it } from 'vitest';
import { tinySpec } from '../fixtures.ts';
import { tinyRecogniser } from '../tiny-recogniser.ts';
import type { HourRow } from './checks.ts';
import { dayLights } from './day.ts';
import { readPool } from './pool.ts';
import { runDay } from './run-day.ts';

const people = 12;
const pictures = 6;

/** Everybody has a colour of their own, which the light changes a little. */
async function writePool(dir: string): Promise<void> {
  const random = createRandom(4);
  const crops: Uint8Array[] = [];
  for (let person = 0; person < people; person++) {
    const colour = [40 + 180 * random(), 40 + 180 * random(), 40 + 180 * random()];
    for (const light of dayLights) {
      const gain = 1 - 0.2 * dayLights.indexOf(light);
      for (let picture = 0; picture < pictures; picture++)
        crops.push(Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => colour[i % 3]! * gain + 20 * random()));
    }
  }
  await writeFile(join(dir, 'crops.bin'), Buffer.concat(crops));
  await writeFile(join(dir, 'model.onnx'), tinyRecogniser());
  const recogniser = { ...tinySpec, alignment: { size: 8, crop: 'box' }, defaultThreshold: 5 };
  const names = Array.from({ length: people }, (_, i) => `person ${i}`);
  const header = { recogniser, model: join(dir, 'model.onnx'), people: names, lights: dayLights, pictures };
  await writeFile(join(dir, 'pool.json'), JSON.stringify(header));
}

describe('a compressed day beside a real edge agent', () => {
  it('plays hours of probes of boxes, measures each, and says what holds', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'saface-pool-'));
    try {
      await writePool(dir);
      const told: HourRow[] = [];
      const options = { pool: await readPool(dir), hours: 2, firstHour: 12, hourSeconds: 6 };
      const report = await runDay({ ...options, onHour: (row) => told.push(row) });
      expect(report.rows).toEqual(told);
      expect(report.rows.map(({ hour }) => hour)).toEqual([12, 13]);
      const [first, second] = report.rows;
      expect(first!.probes).toBeGreaterThan(40);
      expect(first!.accuracy).toMatchObject({ difference: { value: 0 } });
      expect(first!.memory.edge).toBeGreaterThan(50e6);
      expect(second!.disk.trackFiles).toBeGreaterThan(0);
      expect(second!.disk.tracks).toBeGreaterThan(1000);
      const { right, wrong, unknown } = second!.named;
      expect(right + wrong + unknown).toBeGreaterThan(0);
      // Two hours prove nothing of a day, and the report says so.
      expect(report.passed).toBe(false);
      expect(report.claims.map(({ claim }) => claim)).toContain('memory');
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
