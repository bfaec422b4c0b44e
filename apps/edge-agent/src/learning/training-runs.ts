import { createHash } from 'node:crypto';
import type { Logger } from '@saface/agent-kit';
import { type ArtifactRef, describeError, type NewVersion, type OutboxItem, SafaceError } from '@saface/core';
import type { EngineChoice } from '@saface/engine/engines/index';
import { UnrecoverableError } from 'bullmq';
import type { ArtifactStore } from '../control/artifacts.ts';
import { isDiskFull, type Vault } from '../control/vault.ts';
import type { DiskRoom } from './disk-room.ts';
import type { Pacer } from './pacer.ts';
import { type FinishedRun, RunFiles } from './run-files.ts';
import { isOver, type RunRecord, type RunStore } from './run-record.ts';
import { RunReporter } from './run-reporter.ts';
import type { StartTrainer, TrainerEnd, TrainerHandle } from './trainer-client.ts';
import type { ExampleTriplet, StepCost, TrainerNote } from './trainer-protocol.ts';

export interface TrainingRunsOptions {
  readonly runs: RunStore;
  readonly vault: Vault;
  readonly keyFile: string;
  readonly engine: EngineChoice;
  /** Threads for a trainer that starts now. */
  readonly threads: () => number;
  readonly log: Logger;
  readonly add: (item: OutboxItem) => Promise<void>;
  readonly artifacts: Pick<ArtifactStore, 'add'>;
  readonly startTrainer: StartTrainer;
  readonly pacer: Pacer;
  readonly room: Pick<DiskRoom, 'ranOut' | 'wrote'>;
  /** Why a run must not go on; null = it may. */
  readonly obsolete: (record: RunRecord) => string | null;
  /** Whether a run must rest now: it gives its place to others, and gets a new job when it may go on. */
  readonly resting: (record: RunRecord) => boolean;
  readonly onStepCost: (cost: StepCost) => void;
  readonly onStep: () => void;
  readonly onExamples: (record: RunRecord, triplets: readonly ExampleTriplet[]) => void;
  /** False when the example pictures were sent, or can no longer be made. */
  readonly wantsExamples: (record: RunRecord) => boolean;
  readonly onOver: (record: RunRecord) => void;
}

/** A run's version always has the same id: registering it twice is registering it once. */
export const versionIdOf = (runId: string): string =>
  createHash('sha256').update(`version/${runId}`).digest('hex').slice(0, 32);

/** Brings a run from its job to its end: trainer process, progress, verdict, version. One at a time. */
export class TrainingRuns {
  readonly #options: TrainingRunsOptions;
  #active: { record: RunRecord; trainer: TrainerHandle; cancel: AbortController } | null = null;
  /** Of open runs: what one has yet to tell must not be lost with a trainer that is killed. */
  readonly #reporters = new Map<string, RunReporter>();
  #stopping = false;

  constructor(options: TrainingRunsOptions) {
    this.#options = options;
  }

  get activeRun(): RunRecord | null {
    return this.#active?.record ?? null;
  }

  get trainerPid(): number | null {
    return this.#active?.trainer.pid ?? null;
  }

  /**
   * Does the run that a job names; for BullMQ. Resolves when it is over, also when it was before, and when it has to wait: it gets a new
   * job then. Rejects when the trainer was killed: the job is tried again and goes on from the checkpoint.
   */
  async process(runId: string): Promise<void> {
    const { runs } = this.#options;
    const record = runs.get(runId);
    if (!record) throw new UnrecoverableError(`training run ${runId} is not known to this edge`);
    // A paused run gives its place to others; it gets a new job when it is resumed.
    if (isOver(record) || record.status === 'paused' || this.#options.resting(record)) return;
    const obsolete = this.#options.obsolete(record);
    if (obsolete !== null) return this.#end({ ...record, status: 'cancelled', reason: obsolete });
    try {
      await this.#work(runId);
    } catch (error) {
      if (!isDiskFull(error) || isOver(runs.get(runId)!)) throw error;
      await this.#waitForRoom(runId, describeError(error));
    }
  }

  async #work(runId: string): Promise<void> {
    const { runs, log } = this.#options;
    const files = new RunFiles(runs.folder(runId), runId, this.#options.vault);
    if (!(await files.readResult())) {
      const end = await this.#train(runId);
      const now = runs.get(runId)!;
      // No longer running: paused, or resting, and perhaps resumed before its trainer was gone.
      if (isOver(now) || now.status !== 'running') return;
      if (end.kind === 'cancelled') {
        if (this.#stopping) throw new Error('the edge is stopping');
        return this.#end({ ...now, status: 'cancelled', reason: now.reason ?? 'Cancelled by an operator.' });
      }
      if (end.kind === 'failed')
        return this.#end({ ...now, status: 'failed', error: end.message, reason: end.message });
      if (end.kind === 'no-room') return this.#waitForRoom(runId, end.message);
      if (end.kind === 'killed') throw new Error(`the trainer process ended (${end.how})`);
    }
    await this.#settle(runs.get(runId)!, files);
    log.info({ runId }, 'training run is over');
  }

  /** A full disk is no fault of the run: it keeps what it has and goes on from there, however often that takes. */
  async #waitForRoom(runId: string, why: string): Promise<void> {
    const { runs, room, log } = this.#options;
    log.warn({ runId, why }, 'a training run waits for room on the disk');
    room.ranOut(why);
    const record = runs.get(runId)!;
    // In memory alone: on disk it is as open either way.
    if (record.status === 'running') runs.set({ ...record, status: 'queued' });
    await this.#tell(runId);
  }

  /** The worker has given the run up. */
  async giveUp(runId: string, why: string): Promise<void> {
    const record = this.#options.runs.get(runId);
    if (record && !isOver(record)) await this.#end({ ...record, status: 'failed', error: why, reason: why });
  }

  async cancel(runId: string, reason: string): Promise<void> {
    const record = this.#options.runs.get(runId);
    if (!record || isOver(record)) return;
    const active = this.#active?.record.id === runId ? this.#active : null;
    // It says at once that the run is over; the trainer must stop also where that cannot be written down.
    const ended = this.#end({ ...record, status: 'cancelled', reason });
    active?.cancel.abort();
    active?.trainer.send({ kind: 'cancel' });
    active?.trainer.stop();
    await ended;
  }

  /** Ends runs that must not go on, the one that trains among them: it would keep the next one waiting. */
  async cancelObsolete(): Promise<void> {
    for (const record of this.#options.runs.open()) {
      const obsolete = this.#options.obsolete(record);
      if (obsolete !== null) await this.cancel(record.id, obsolete);
    }
  }

  /** A run that is paused ends its trainer, and goes on from its checkpoint when it is resumed and its turn comes. */
  async pause(runId: string, paused: boolean): Promise<void> {
    const record = this.#options.runs.get(runId);
    if (!record || isOver(record) || (record.status === 'paused') === paused) return;
    const saved = this.#save({ ...record, status: paused ? 'paused' : 'queued' });
    if (paused && this.#active?.record.id === runId) this.#stopTrainer();
    await saved;
    await this.#tell(runId);
  }

  /** The run under way goes on from its checkpoint when it may and its turn comes. */
  async rest(): Promise<void> {
    const record = this.#active && this.#options.runs.get(this.#active.record.id);
    if (record?.status !== 'running') return;
    const saved = this.#save({ ...record, status: 'queued' });
    this.#stopTrainer();
    await saved;
    await this.#tell(record.id);
  }

  /** Ends the trainer; the run goes on after the next start. */
  stop(): void {
    this.#stopping = true;
    this.#stopTrainer();
  }

  #stopTrainer(): void {
    this.#active?.cancel.abort();
    this.#active?.trainer.stop();
  }

  async #train(runId: string): Promise<TrainerEnd> {
    const { runs, startTrainer, keyFile, engine, threads, log, wantsExamples, room } = this.#options;
    const record = runs.get(runId)!;
    if (isOver(record)) return { kind: 'cancelled' };
    const cancel = new AbortController();
    const started: RunRecord = { ...record, status: 'running', startedAt: record.startedAt ?? Date.now() };
    const order = {
      kind: 'train' as const,
      runId: record.id,
      folder: runs.folder(record.id),
      keyFile,
      engine,
      threads: threads(),
      metric: record.metric,
      championThreshold: record.championThreshold,
      from: record.from,
      attempts: record.attempts,
      examples: wantsExamples(record) ? 12 : 0,
    };
    const trainer = startTrainer(order, (note) => {
      this.#hear(note).catch((error: unknown) => log.error({ error: describeError(error) }, 'a note of the trainer'));
    });
    this.#active = { record: started, trainer, cancel };
    try {
      await this.#save(started);
      room.wrote();
      await this.#tell(runId);
      log.info({ runId: record.id, pid: trainer.pid }, 'training');
      return await trainer.ended;
    } finally {
      // Also one whose run could not be written down: the next try starts another.
      this.#stopTrainer();
      await trainer.ended;
      this.#active = null;
    }
  }

  async #hear(note: TrainerNote): Promise<void> {
    const active = this.#active;
    if (!active) return;
    const { pacer, onStepCost, onStep, onExamples } = this.#options;
    if (note.kind === 'ask-batch') {
      const triplets = await pacer.next(active.cancel.signal);
      active.trainer.send({ kind: 'batch', triplets });
    } else if (note.kind === 'step-cost') onStepCost(note);
    else if (note.kind === 'examples') onExamples(active.record, note.triplets);
    else if (note.kind === 'progress') {
      onStep();
      await this.#progress(active.record.id, note);
    }
  }

  async #progress(runId: string, note: Extract<TrainerNote, { kind: 'progress' }>): Promise<void> {
    const { runs } = this.#options;
    const record = runs.get(runId);
    const reporter = this.#reporterOf(runId);
    const { step, loss, activeShare, microBatch, score } = note;
    if (!record || isOver(record) || step <= Math.max(record.reportedStep, reporter.newest)) return;
    runs.set({ ...record, steps: step });
    const point = { step, time: Date.now(), loss, activeShare, batch: microBatch, score };
    if (!(await reporter.progress(runs.get(runId)!, point))) return;
    const now = runs.get(runId)!;
    if (!isOver(now)) await this.#save({ ...now, reportedStep: step });
  }

  /** A judged candidate lies in the folder, or what the champion was already where nothing better was found. */
  async #settle(record: RunRecord, files: RunFiles): Promise<void> {
    const done = await files.readResult();
    if (!done) throw new SafaceError('internal', `Run ${record.id} ended without a result`, 'Report this as a defect.');
    const { verdict, steps, triplets, judgedUntil } = done.result;
    const learner = verdict.passed || verdict.candidate ? await this.#options.artifacts.add(done.learner) : null;
    if (learner) this.#options.room.wrote();
    // Cancelled while that was written, perhaps because somebody was erased.
    if (isOver(this.#options.runs.get(record.id)!)) return;
    const candidateVersionId = learner && (await this.#register(record, done.result, learner));
    await this.#end({
      ...record,
      status: 'done',
      reason: verdict.reason,
      verdict,
      judgedUntil,
      candidateVersionId,
      steps,
      triplets,
    });
  }

  /** Also a candidate that the gate held back: people may look at it, and know better. Returns the version's id. */
  async #register(record: RunRecord, result: FinishedRun['result'], learner: ArtifactRef): Promise<string> {
    const { verdict, threshold, engine, tracks, triplets, steps, hyperParameters, leftOut } = result;
    const { scenarioId, baseModelId, parentVersionId, cut, from, to, identityIds, championThreshold } = record;
    const version: NewVersion = {
      id: versionIdOf(record.id),
      scenarioId,
      baseModelId,
      parentVersionId,
      runId: record.id,
      cut,
      learner,
      threshold,
      distanceScale: threshold === null ? 1 : threshold / championThreshold,
      verdict,
      provenance: { engine, from, to, tracks, triplets, steps, hyperParameters, leftOut, identityIds },
      createdAt: Date.now(),
    };
    await this.#options.add({ id: `version-${version.id}`, kind: 'version', payload: version });
    return version.id;
  }

  async #end(record: RunRecord): Promise<void> {
    const { runs, room, onOver } = this.#options;
    const over = { ...record, endedAt: Date.now() };
    // At once, so that nothing that is under way says anything else of the run; then what others must know; and on disk only after that,
    // as a crash in between then repeats the report instead of losing it.
    runs.set(over);
    await this.#reporterOf(record.id).state(over);
    this.#reporters.delete(record.id);
    try {
      await this.#save(over);
      await runs.tidy();
    } catch {
      // A full disk has room again without what the run worked on.
      await runs.tidy();
      await this.#save(over);
    } finally {
      onOver(over);
    }
    room.wrote();
  }

  /** Reports how the run stands, unless its end was reported already. */
  async #tell(runId: string): Promise<void> {
    const record = this.#options.runs.get(runId);
    if (!record || isOver(record)) return;
    await this.#reporterOf(runId).state(record);
  }

  #reporterOf(runId: string): RunReporter {
    const known = this.#reporters.get(runId);
    if (known) return known;
    const reporter = new RunReporter(this.#options.add);
    this.#reporters.set(runId, reporter);
    return reporter;
  }

  async #save(record: RunRecord): Promise<void> {
    await this.#options.runs.save(record);
    if (this.#active?.record.id === record.id) this.#active.record = record;
  }
}
