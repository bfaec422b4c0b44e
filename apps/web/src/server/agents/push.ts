import { type AgentOutput, type ErrorCode, type OutboxItem, SafaceError } from '@saface/core';
import { Prisma } from '@saface/db';
import type { AgentRow } from '@saface/db/repositories/agents';
import type { Deps } from '../deps.ts';
import { auditSavepoint } from '../services/audit-log.ts';
import { recorded } from '../services/audited.ts';
import { requireAccepted } from './authenticate.ts';
import { knownPeople } from './known-people.ts';
import { loadScope, type PushScope } from './push-scope.ts';
import { storeShadowReport, storeThresholdReport, storeWatchReport } from './store-comparison.ts';
import { storeEvent } from './store-event.ts';
import { storeMetrics } from './store-metrics.ts';
import { storeTrainingRun, storeTripletPictures } from './store-training.ts';
import { storeVersion } from './store-version.ts';

/** What one item does to the database; the files it names are released after the commit. */
export interface ItemContext {
  readonly deps: Deps;
  readonly tx: Prisma.TransactionClient;
  readonly scope: PushScope;
  /** Whom the batch names and who is enrolled, until the commit. */
  readonly people: ReadonlySet<string>;
  readonly release: (string | null)[];
}

type Result = AgentOutput<'push'>['results'][number];
/** An item that can never be stored must not hold up those behind it; anything else is tried again as a whole. */
const hopeless = new Set<ErrorCode>([
  'invalid-input',
  'not-found',
  'conflict',
  'integrity',
  'forbidden',
  'unsupported',
]);

/** Too long, of another type, out of range. */
const unfitValues = new Set(['P2000', 'P2005', 'P2006', 'P2007', 'P2020', 'P2023', 'P2033']);
/** PostgreSQL's class of codes for them, where Prisma has none of its own: the character NUL, for one. */
const dataException = /Code: `22/;

/** One transaction for the batch, one savepoint per item: what is answered `stored` is stored, once. */
export async function pushItems(
  deps: Deps,
  agent: AgentRow,
  { items }: { items: readonly OutboxItem[] },
): Promise<AgentOutput<'push'>> {
  requireAccepted(agent);
  const { results, release } = await recorded(
    deps,
    async (tx) => {
      const release: (string | null)[] = [];
      // Two pushes of one agent at once (a client that gave up waiting) go one after the other.
      await tx.$executeRaw`SELECT 1 FROM "Agent" WHERE "id" = ${agent.id} FOR UPDATE`;
      const scope = await loadScope(tx, agent);
      const people = await knownPeople(tx, items);
      const received = await tx.outboxReceipt.findMany({
        where: { agentId: agent.id, itemId: { in: items.map(({ id }) => id) } },
      });
      const known = new Set(received.map(({ itemId }) => itemId));
      const answers: Result[] = [];
      for (const item of items) {
        if (known.has(item.id)) {
          answers.push({ id: item.id, status: 'duplicate', message: null });
          continue;
        }
        known.add(item.id);
        answers.push(await takeIn({ deps, tx, scope, people, release }, item));
      }
      return { results: answers, release };
    },
    { timeout: 60_000, maxWait: 10_000 },
  );
  await deps.artifacts.release(deps.prisma, release);
  return { results };
}

async function takeIn(context: ItemContext, item: OutboxItem): Promise<Result> {
  const { tx, scope, deps } = context;
  await tx.$executeRaw`SAVEPOINT item`;
  const dropRecords = auditSavepoint(tx);
  try {
    await store(context, item);
    await tx.outboxReceipt.create({ data: { agentId: scope.agentId, itemId: item.id } });
    await tx.$executeRaw`RELEASE SAVEPOINT item`;
    return { id: item.id, status: 'stored', message: null };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    await tx.$executeRaw`ROLLBACK TO SAVEPOINT item`;
    dropRecords();
    deps.log.warn({ err: error, agentId: scope.agentId, kind: item.kind, id: item.id }, `refused: ${refusal}`);
    return { id: item.id, status: 'rejected', message: refusal };
  }
}

/** Why the item can never be stored; null where trying again may help. */
function refusalOf(error: unknown): string | null {
  if (error instanceof SafaceError) return hopeless.has(error.code) ? `${error.message} — ${error.remedy}` : null;
  const unfit =
    error instanceof Prisma.PrismaClientKnownRequestError &&
    (unfitValues.has(error.code) || (error.code === 'P2039' && dataException.test(error.message)));
  return unfit || error instanceof Prisma.PrismaClientValidationError
    ? 'It holds a value that the database cannot. Update the agent, or look at what its camera sends.'
    : null;
}

async function store(context: ItemContext, item: OutboxItem): Promise<void> {
  if (item.kind === 'log') {
    const { time, level, message } = item.payload;
    await context.tx.agentLog.create({
      data: {
        id: `${context.scope.agentId}-${item.id}`,
        agentId: context.scope.agentId,
        time: new Date(Math.min(time, Date.now())),
        level,
        message,
      },
    });
    return;
  }
  const { edgeId } = context.scope;
  if (edgeId === null)
    throw new SafaceError('forbidden', `A camera agent may not push ${item.kind}`, 'Only its edge reports this.');
  switch (item.kind) {
    case 'event':
      return storeEvent(context, item.payload);
    case 'metrics':
      return storeMetrics(context, item.payload);
    case 'training-run':
      return storeTrainingRun(context, edgeId, item.payload);
    case 'triplet-pictures':
      return storeTripletPictures(context, item.payload);
    case 'version':
      return storeVersion(context, item.payload);
    case 'shadow-report':
      return storeShadowReport(context, item.payload);
    case 'watch-report':
      return storeWatchReport(context, item.payload);
    case 'threshold-report':
      return storeThresholdReport(context, item.payload);
  }
}
