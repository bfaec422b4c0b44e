import { describeError } from '@saface/core';
import type { Deps } from '../deps.ts';

export interface Readiness {
  readonly ok: boolean;
  readonly database: string;
  readonly redis: string;
}

const TIMEOUT_MS = 3_000;

/** Whether what the control plane depends on answers: `ok`, or what it said. */
export async function readiness({ prisma, redis }: Deps): Promise<Readiness> {
  const [database, queue] = await Promise.all([probe(prisma.$queryRaw`SELECT 1`), probe(redis.ping())]);
  return { ok: database === 'ok' && queue === 'ok', database, redis: queue };
}

async function probe(work: PromiseLike<unknown>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((done) => {
    timer = setTimeout(() => done(`no answer within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS);
  });
  const answer = Promise.resolve(work).then(
    () => 'ok',
    (error: unknown) => describeError(error).split('\n').at(-1) ?? 'failed',
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
