import { SafaceError } from '@saface/core';
import type { Command } from 'commander';
import { benchBodies } from '../bodies/bench-bodies.ts';
import { printResult, table } from '../output.ts';

/** `saface bench bodies`: nothing in the pipeline assumes faces. */
export function addBodiesBench(bench: Command): void {
  bench
    .command('bodies')
    .description('the whole flow on whole people crossing a yard: accuracy before and after learning')
    .option('--seeds <list>', 'yards, separated by commas', '1,2,3')
    .option('--json', 'print one JSON object', false)
    .action(async ({ seeds, json }: { seeds: string; json: boolean }) => {
      const interrupted = new AbortController();
      process.once('SIGINT', () => interrupted.abort());
      const result = await benchBodies(seedsOf(seeds), interrupted.signal);
      const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
      printResult(result, {
        json,
        text: () =>
          table([
            ['yard', 'tracks', 'purity', 'before', 'candidate', 'served', 'error cut', 'gate'],
            ...result.rows.map((row) => [
              String(row.seed),
              String(row.tracks),
              percent(row.purity),
              percent(row.before.accuracy),
              percent(row.candidate.accuracy),
              percent(row.served.accuracy),
              percent(row.errorCut),
              row.passed ? 'passed' : 'refused',
            ]),
            [
              'mean',
              '',
              '',
              percent(result.mean.before),
              '',
              percent(result.mean.served),
              percent(result.mean.errorCut),
              '',
            ],
          ]),
      });
    });
}

function seedsOf(list: string): number[] {
  const seeds = list.split(',').map(Number);
  if (seeds.length > 0 && seeds.every((seed) => Number.isInteger(seed) && seed >= 0)) return seeds;
  throw new SafaceError('invalid-input', `--seeds ${list} is no list of seeds`, 'Write it like 1,2,3.');
}
