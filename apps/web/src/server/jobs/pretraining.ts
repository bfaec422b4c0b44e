import { type ChildProcess, fork } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pretrainingSettingsSchema, SafaceError } from '@saface/core';
import type { Deps } from '../deps.ts';
import { datasetFolder } from '../services/dataset-folders.ts';
import { PretrainingLog } from './pretraining-log.ts';
import type { PretrainingNote, PretrainingOrder } from './pretraining-protocol.ts';
import { registerPretrained } from './register-pretrained.ts';
import type { JobHandler } from './registry.ts';

/** Milliseconds between two looks at whether somebody cancelled. */
const LOOK = 1500;

interface Places {
  readonly home: string;
  readonly threads: number;
}

/**
 * Runs one pre-training in a process of its own. A worker that is killed takes the process with it; the job is taken up
 * again, and the process goes on from the last checkpoint. What comes out becomes a base model.
 */
export function pretrainingHandler(deps: Deps, { home, threads }: Places): JobHandler<'pretraining'> {
  const { prisma } = deps;
  return {
    queue: 'pretraining',
    concurrency: 1,
    async run({ pretrainingId: id }) {
      const row = await prisma.pretraining.findUnique({ where: { id } });
      const runDir = join(home, 'pretraining', id);
      if (row?.status === 'queued' || row?.status === 'running') {
        const startedAt = row.startedAt ?? new Date();
        await prisma.pretraining.update({ where: { id }, data: { status: 'running', startedAt } });
        try {
          const folder = await datasetFolder(deps.datasetsDir, row.folder);
          await mkdir(runDir, { recursive: true, mode: 0o700 });
          const end = await train(deps, id, {
            name: row.name,
            folder,
            // Faces of real people: they go with the run.
            cacheDir: join(runDir, 'crops'),
            modelsDir: join(home, 'models'),
            runDir,
            settings: pretrainingSettingsSchema.parse(row.settings),
            threads,
          });
          if (end.kind === 'killed')
            throw new SafaceError(
              'unavailable',
              `The process that trains ended (${end.how})`,
              'Mostly memory has run out: choose a smaller backbone, width or batch, or a machine with more memory.',
            );
          if (end.kind === 'failed') await fail(deps, id, end.message);
          if (end.kind === 'done') await registerPretrained(deps, { id, name: row.name, runDir });
        } catch (error) {
          if (!(error instanceof SafaceError) || error.code === 'unavailable') throw error;
          await fail(deps, id, `${error.message}. ${error.remedy}`);
        }
      }
      await rm(runDir, { recursive: true, force: true });
    },
    async giveUp({ pretrainingId: id }, { message, remedy }) {
      await fail(deps, id, `${message}. ${remedy}`);
      await rm(join(home, 'pretraining', id), { recursive: true, force: true });
    },
  };
}

type End =
  | { readonly kind: 'done' | 'cancelled' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'killed'; readonly how: string };

/** Starts the process, keeps the row up to date, and ends the process when somebody cancelled. */
async function train({ prisma, log }: Deps, id: string, order: PretrainingOrder): Promise<End> {
  const child = fork(fileURLToPath(new URL('./pretraining-process.ts', import.meta.url)), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { NODE_ENV: 'production' },
  });
  const written = new PretrainingLog(prisma, id, log);
  let last: End | null = null;
  child.on('message', (message) => {
    const note = message as PretrainingNote;
    if (note.kind === 'done') last = { kind: 'done' };
    else if (note.kind === 'failed') last = note;
    else written.take(note);
  });
  const ended = new Promise<End>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'killed', how: error.message }));
    child.once('exit', (code, signal) => resolve(last ?? { kind: 'killed', how: signal ?? `exit code ${code}` }));
  });
  const cancelled = watchForCancel(prisma, { id, child });
  child.send(order, () => undefined);
  const end = await ended;
  await written.flush();
  return cancelled() ? { kind: 'cancelled' } : end;
}

function watchForCancel(prisma: Deps['prisma'], { id, child }: { id: string; child: ChildProcess }): () => boolean {
  let cancelled = false;
  const timer = setInterval(() => {
    prisma.pretraining.findUnique({ where: { id }, select: { status: true } }).then(
      (row) => {
        cancelled = row?.status !== 'running';
        if (cancelled) child.kill('SIGTERM');
      },
      // While the database is away nobody can have cancelled either.
      () => undefined,
    );
  }, LOOK);
  child.once('exit', () => clearInterval(timer));
  return () => cancelled;
}

async function fail({ prisma }: Deps, id: string, error: string): Promise<void> {
  await prisma.pretraining.updateMany({
    where: { id, status: { in: ['queued', 'running'] } },
    data: { status: 'failed', error, note: null, endedAt: new Date() },
  });
}
