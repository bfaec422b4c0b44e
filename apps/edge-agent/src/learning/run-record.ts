import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@saface/agent-kit';
import { describeError, gateVerdictSchema, groupBy, idSchema } from '@saface/core';
import { z } from 'zod';
import { isIoError, type Vault } from '../control/vault.ts';

const time = z.number();

/** What is known of a training run, apart from its data. */
export const runRecordSchema = z.object({
  id: idSchema,
  scenarioId: idSchema,
  status: z.enum(['queued', 'running', 'paused', 'done', 'failed', 'cancelled']),
  reason: z.string().nullable(),
  /** A person asked for it. */
  asked: z.boolean().default(false),
  baseModelId: idSchema,
  cut: z.string(),
  metric: z.enum(['euclidean', 'cosine']),
  /** Distance up to which the champion accepts. */
  championThreshold: z.number().positive(),
  /** Candidates that the same tracks have judged before, in parts where some are gone: the more, the clearer they must speak. */
  attempts: z.number().nonnegative().default(0),
  parentVersionId: idSchema,
  candidateVersionId: idSchema.nullable(),
  tracks: z.number().int(),
  triplets: z.number().int(),
  steps: z.number().int(),
  /** Newest step whose loss was reported: a run that goes on from a checkpoint repeats some. */
  reportedStep: z.number().int(),
  queuedAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
  /** Times of the oldest and newest probe learnt from. */
  from: time,
  to: time,
  /** Whom the tracks were recognised as. */
  identityIds: z.array(idSchema),
  /** Whose enrolled faces are part of the data. */
  enrolledIds: z.array(idSchema).default([]),
  verdict: gateVerdictSchema.nullable(),
  /** Time of the newest probe that judged the candidate. */
  judgedUntil: time.nullable().default(null),
  error: z.string().nullable(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;

export const isOver = ({ status }: Pick<RunRecord, 'status'>): boolean =>
  status === 'done' || status === 'failed' || status === 'cancelled';

/** Records of ended runs that are kept of each scenario: a job delivered twice is known to be done, and the gate counts who judged before. */
const KEPT = 100;
const RECORD = 'run';

/** One folder per run below `dir`: the record, and until the run is over what the trainer works on. Everything is sealed. */
export class RunStore {
  readonly #dir: string;
  readonly #vault: Vault;
  readonly #log: Logger;
  readonly #records = new Map<string, RunRecord>();
  #writes: Promise<void> = Promise.resolve();

  constructor(dir: string, vault: Vault, log: Logger) {
    this.#dir = dir;
    this.#vault = vault;
    this.#log = log;
  }

  async load(): Promise<void> {
    await mkdir(this.#dir, { recursive: true, mode: 0o700 });
    for (const id of await readdir(this.#dir)) {
      try {
        const bytes = await this.#vault.readFile(this.#path(id), contextOf(id));
        if (bytes) this.#records.set(id, runRecordSchema.parse(JSON.parse(bytes.toString('utf8'))));
        else await rm(this.folder(id), { recursive: true, force: true });
      } catch (error) {
        if (isIoError(error)) {
          this.#log.error({ runId: id, error: describeError(error) }, 'a training run cannot be read now');
          continue;
        }
        this.#log.error({ runId: id, error: describeError(error) }, 'a training run is damaged and is dropped');
        await rm(this.folder(id), { recursive: true, force: true });
      }
    }
  }

  folder(id: string): string {
    return join(this.#dir, id);
  }

  get(id: string): RunRecord | null {
    return this.#records.get(id) ?? null;
  }

  /** Oldest first. */
  all(): RunRecord[] {
    return [...this.#records.values()].sort((a, b) => a.queuedAt - b.queuedAt);
  }

  open(): RunRecord[] {
    return this.all().filter((record) => !isOver(record));
  }

  /**
   * Candidates of a scenario that the tracks from `from` on have judged before. One that was judged by tracks of which some are gone
   * counts as far as its time reaches into what is still there.
   */
  judgedSince({ scenarioId, baseModelId, from }: Pick<RunRecord, 'scenarioId' | 'baseModelId' | 'from'>): number {
    return this.all()
      .filter((run) => run.scenarioId === scenarioId && run.baseModelId === baseModelId)
      .reduce((sum, run) => sum + shareSince(from, run), 0);
  }

  /** In memory at once; on disk with the next `save`. */
  set(record: RunRecord): void {
    this.#records.set(record.id, record);
  }

  async save(record: RunRecord): Promise<void> {
    this.set(record);
    const { id } = record;
    // One after another, or an older state could be the last to reach the disk.
    this.#writes = this.#writes
      .catch(() => undefined)
      .then(() => this.#vault.writeFile(this.#path(id), Buffer.from(JSON.stringify(record)), contextOf(id)));
    await this.#writes;
  }

  /** As if it had never been: a run that could not be written down. */
  async discard(id: string): Promise<void> {
    this.#records.delete(id);
    await rm(this.folder(id), { recursive: true, force: true });
  }

  /** Deletes what an ended run worked on, and the oldest records. */
  async tidy(): Promise<void> {
    const ended = this.all().filter(isOver);
    for (const { id } of ended) {
      for (const name of await readdir(this.folder(id)).catch(() => []))
        if (name !== `${RECORD}.sealed`) await rm(join(this.folder(id), name), { force: true });
    }
    const byScenario = groupBy(ended, ({ scenarioId }) => scenarioId);
    for (const positions of byScenario.values())
      for (const at of positions.slice(0, Math.max(0, positions.length - KEPT))) await this.discard(ended[at]!.id);
  }

  #path(id: string): string {
    return join(this.folder(id), `${RECORD}.sealed`);
  }
}

function shareSince(from: number, run: Pick<RunRecord, 'from' | 'judgedUntil'>): number {
  if (run.judgedUntil === null || run.judgedUntil < from) return 0;
  if (from <= run.from) return 1;
  return (run.judgedUntil - from) / (run.judgedUntil - run.from);
}

const contextOf = (id: string): string => `run/${id}/${RECORD}`;
