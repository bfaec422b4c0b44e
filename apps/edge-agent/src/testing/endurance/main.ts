import { describeError } from '@saface/core';
import { z } from 'zod';
import type { HourRow } from './checks.ts';
import { readPool } from './pool.ts';
import { runDay } from './run-day.ts';

/** Started by `saface bench endurance`: one JSON argument in, progress on stderr, one JSON object on stdout. */
const argument = z.object({
  pool: z.string(),
  hours: z
    .number()
    .int()
    .min(1)
    .max(24 * 7),
  hourSeconds: z.number().min(1).max(3600),
});

try {
  const { pool, hours, hourSeconds } = argument.parse(JSON.parse(process.argv[2] ?? '{}'));
  const report = await runDay({ pool: await readPool(pool), hours, hourSeconds, onHour: tell });
  process.stdout.write(`${JSON.stringify(report)}\n`);
} catch (error) {
  process.stderr.write(`${describeError(error)}\n`);
  process.exitCode = 1;
}

function tell({ hour, probes, load, batch, version, accuracy, named, memory, disk }: HourRow): void {
  const percent = (share: number | undefined) => (share === undefined ? '–' : `${(share * 100).toFixed(2)} %`);
  const parts = [
    `hour ${hour}: ${probes} probes`,
    `load ${load?.toFixed(2) ?? '–'}`,
    `B_t ${batch?.toFixed(1) ?? '–'}`,
    `base ${percent(accuracy?.base)}`,
    `served ${percent(accuracy?.served)} (${version.slice(0, 8)})`,
    `${named.right} named right, ${named.wrong} wrong, ${named.unknown} unknown`,
    `${(memory.edge / 2 ** 20).toFixed(0)} MiB`,
    `disk ${(disk.total / 2 ** 20).toFixed(0)} MiB, ${disk.trackFiles} tracks`,
  ];
  process.stderr.write(`${parts.join(', ')}\n`);
}
