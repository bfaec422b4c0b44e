import type { Command } from 'commander';
import type { Check } from '../doctor/check.ts';
import { type Examination, examine } from '../doctor/examine.ts';
import { env, folders, repositoryRoot } from '../env.ts';
import { printResult } from '../output.ts';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('what this machine lacks, and which engine it would recognise and learn with, and why')
    .option('--json', 'print one JSON object', false)
    .action(async ({ json }: { json: boolean }) => {
      const examination = await examine({
        home: env.home,
        models: folders.models,
        root: repositoryRoot,
        path: env.path,
        engine: env.engine,
        external: { postgres: env.databaseUrl !== null, redis: env.redisUrl !== null },
      });
      printResult(examination, { json, text: () => describe(examination) });
      if (!examination.ok) process.exitCode = 1;
    });
}

const marks = { ok: '✔', warn: '!', fail: '✖' } as const satisfies Record<Check['status'], string>;

function describe({ ok, checks, engines }: Examination): string {
  const lines = checks.flatMap(({ name, status, found, remedy }) => [
    `${marks[status]} ${name}: ${found}`,
    ...(remedy === null ? [] : [`    ${remedy}`]),
  ]);
  const states = engines.map(({ engine, backend, usable, reason }) =>
    usable ? `✔ ${engine}/${backend}` : `– ${engine}/${backend}: ${reason}`,
  );
  return [...lines, '', 'Engines', ...states, '', ok ? 'SaFace can run here.' : 'SaFace cannot run here yet.'].join(
    '\n',
  );
}
