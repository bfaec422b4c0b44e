import type { Prisma, PrismaClient } from '@saface/db';
import { expect } from 'vitest';

/** A transaction that did `work`, and commits when it is told to; what `last` does comes after that word. */
export async function holding(
  prisma: PrismaClient,
  work: (tx: Prisma.TransactionClient) => Promise<unknown>,
  last: (tx: Prisma.TransactionClient) => Promise<unknown> = async () => undefined,
) {
  const [worked, finish] = [latch(), latch()];
  const committed = prisma.$transaction(
    async (tx) => {
      await work(tx);
      worked.open();
      await finish.opened;
      await last(tx);
    },
    { timeout: 30_000 },
  );
  await worked.opened;
  return {
    commit() {
      finish.open();
      return committed;
    },
  };
}

/** Until a connection waits for another one's lock. */
export const somebodyWaits = (prisma: PrismaClient) =>
  expect
    .poll(
      () =>
        prisma.$queryRaw`
          SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      { timeout: 10_000, interval: 20 },
    )
    .toHaveLength(1);

function latch() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}
