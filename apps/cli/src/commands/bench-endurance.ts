import { SafaceError } from '@saface/core';
import type { Command } from 'commander';
import { ensureBodyReid } from '../bodies/ensure-body-reid.ts';
import { bodyReidName } from '../bodies/train-body-network.ts';
import { ensureProbePool } from '../endurance/probe-pool.ts';
import { startDay } from '../endurance/start-day.ts';
import { findRecogniser } from '../offline/recogniser.ts';
import { printResult, progress, progressBar, table } from '../output.ts';

/** How much faster than life: a day in twelve minutes. */
const SPEED = 120;

interface EnduranceOptions {
  readonly recogniser: string;
  readonly hours: string;
  readonly speed: string;
  readonly json: boolean;
}

/** `saface bench endurance`: a day of operation, compressed. */
export function addEnduranceBench(bench: Command): void {
  bench
    .command('endurance')
    .description('a day of operation compressed: accuracy never below base, memory flat, disk bounded')
    .option('--recogniser <name>', 'a recogniser of the model library', 'default')
    .option('--hours <n>', 'simulated hours', '24')
    .option('--speed <n>', 'simulated seconds in a second', String(SPEED))
    .option('--json', 'print one JSON object', false)
    .action(async (options: EnduranceOptions) => {
      const hours = within('--hours', options.hours, { from: 1, to: 168, whole: true });
      const speed = within('--speed', options.speed, { from: 1, to: 720 });
      if (options.recogniser === bodyReidName) await ensureBodyReid();
      const { path, spec } = await findRecogniser(options.recogniser);
      const bar = progressBar('rendering probes');
      const pool = await ensureProbePool({ path, spec, onProgress: bar });
      progress(`${hours} hours in ${((hours * 60) / speed).toFixed(1)} minutes`);
      const report = await startDay({ pool, hours, hourSeconds: 3600 / speed });
      printResult(report, {
        json: options.json,
        text: () =>
          table([
            ['claim', 'holds', ''],
            ...report.claims.map(({ claim, passed, detail }) => [claim, passed ? 'yes' : 'NO', detail]),
          ]),
      });
      if (!report.passed) process.exitCode = 1;
    });
}

function within(name: string, text: string, { from, to, whole }: { from: number; to: number; whole?: boolean }) {
  const value = Number(text);
  if (value >= from && value <= to && (!whole || Number.isInteger(value))) return value;
  throw new SafaceError('invalid-input', `${name} ${text} is out of range`, `Give a number from ${from} to ${to}.`);
}
