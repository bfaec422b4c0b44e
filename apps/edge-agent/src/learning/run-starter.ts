import { randomUUID } from 'node:crypto';
import { Backoff } from '@saface/agent-kit';
import { describeError, type EdgeConfig, type EdgeScenario, SafaceError } from '@saface/core';
import type { LearningParts } from '../edge-agent.ts';
import { notNow, type PrepareInput, prepareRun } from './prepare-run.ts';
import { RunFiles } from './run-files.ts';
import { isJudgeable, shouldTrain } from './run-planner.ts';
import type { RunRecord, RunStore } from './run-record.ts';
import { RunReporter } from './run-reporter.ts';
import type { ScenarioMemory } from './scenario-memory.ts';
import type { ScenarioTracks } from './scenario-tracks.ts';
import type { TripletPictures } from './triplet-pictures.ts';

export interface ScenarioState {
  readonly tracks: ScenarioTracks;
  readonly memory: Promise<ScenarioMemory>;
}

export interface RunStarterOptions
  extends Pick<LearningParts, 'vault' | 'log' | 'problems' | 'outbox' | 'artifacts' | 'serving'> {
  readonly runs: RunStore;
  readonly pictures: Pick<TripletPictures, 'keep'>;
  readonly config: () => EdgeConfig | null;
  readonly scenario: (scenarioId: string) => ScenarioState | null;
  /** The run is written down, and wants a job. */
  readonly onCreated: () => Promise<void>;
  /** For tests. */
  readonly now?: () => number;
}

/** Trained versions that may wait on this edge until the control plane can be reached. */
const MOST_WAITING = 10;

type WantedRun = Pick<PrepareInput, 'scenarioId' | 'runId' | 'asked'>;

interface Failure {
  readonly backoff: Backoff;
  until: number;
}

/** Writes down runs that are due or asked for, each with all that it needs. */
export class RunStarter {
  readonly #options: RunStarterOptions;
  readonly #creating = new Map<string, Promise<unknown>>();
  readonly #failures = new Map<string, Failure>();

  constructor(options: RunStarterOptions) {
    this.#options = options;
  }

  /** Starts the runs that are due. A scenario that cannot start one keeps no other waiting, and is tried again later and later. */
  async startDue(): Promise<void> {
    const { config, problems, log, now = () => performance.now() } = this.#options;
    for (const scenario of config()?.scenarios ?? []) {
      const { id, name } = scenario;
      const failure = this.#failures.get(id);
      if (failure && now() < failure.until) continue;
      try {
        await this.#consider(scenario);
        this.#failures.delete(id);
        problems.clear(`training:${id}`);
      } catch (error) {
        const { backoff } = failure ?? { backoff: new Backoff({ first: 10_000, longest: 600_000 }) };
        this.#failures.set(id, { backoff, until: now() + backoff.next() });
        log.warn({ scenarioId: id, error: describeError(error) }, 'no training run could be started');
        if (isNotNow(error)) continue;
        problems.set(`training:${id}`, `Scenario "${name}" cannot start a training run: ${describeError(error)}`);
      }
    }
  }

  /** A run that a person asked for; one that cannot be is told as a failed run. */
  async startAsked(scenarioId: string, runId: string): Promise<void> {
    try {
      await this.#create({ scenarioId, runId, asked: true });
    } catch (error) {
      await this.#refuse(scenarioId, runId, error);
    }
  }

  /** Resolves when what is being written down now has become a run, or not. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#creating.values());
  }

  async #consider(scenario: EdgeScenario): Promise<void> {
    // A candidate is about to take the champion's place, or not: what is trained from the champion now would come too late.
    if (scenario.shadow !== null) return;
    const state = this.#options.scenario(scenario.id);
    const config = this.#options.config();
    if (!state || !config || this.#openRun(scenario.id)) return;
    const memory = await state.memory;
    const { learning } = scenario;
    const newTriplets = state.tracks.newTriplets(memory.trainedUntil);
    const { policy } = config;
    if (!shouldTrain({ learning, policy, newTriplets, lastRun: memory.lastRun, now: new Date() })) return;
    const set = this.#options.serving.current(scenario.id);
    // Waits for more tracks rather than spend what is idle on a candidate that nobody could judge.
    if (set && !isJudgeable(state.tracks.recentSet(), set.base.config.recogniser.metric)) return;
    // With the control plane away nobody decides over them, and each is as large as a learner.
    if ((await this.#options.artifacts.waiting()) >= MOST_WAITING)
      throw notNow(
        `${MOST_WAITING} trained versions wait for the control plane`,
        'Training goes on when it has taken them.',
      );
    await this.#create({ scenarioId: scenario.id, runId: randomUUID(), asked: false });
  }

  async #create(wanted: WantedRun): Promise<void> {
    const { scenarioId, runId } = wanted;
    if (this.#creating.has(scenarioId) || this.#options.runs.get(runId)) return;
    const writing = this.#write(wanted);
    this.#creating.set(scenarioId, writing);
    const record = await writing.finally(() => this.#creating.delete(scenarioId));
    await this.#tell(record);
    await this.#options.onCreated();
  }

  /** Leaves nothing behind where it fails: a full disk must not become fuller with every try. */
  async #write(wanted: WantedRun): Promise<RunRecord> {
    const { scenarioId, runId } = wanted;
    const { vault, serving, artifacts, runs, pictures } = this.#options;
    const open = this.#openRun(scenarioId);
    if (open) throw notNow(`Run ${open.id} of this scenario is not over`, 'Wait for it, or cancel it.');
    const tracks = this.#options.scenario(scenarioId)?.tracks ?? null;
    const input = { ...wanted, config: this.#options.config(), tracks, serving, artifacts, runs };
    const prepared = await prepareRun(input);
    try {
      await new RunFiles(runs.folder(runId), runId, vault).writeDataset(prepared.dataset);
      await runs.save(prepared.record);
    } catch (error) {
      await runs.discard(runId).catch(() => undefined);
      throw error;
    }
    pictures.keep(runId, prepared.pictures);
    return prepared.record;
  }

  async #tell(record: RunRecord): Promise<void> {
    const { outbox, log } = this.#options;
    const { id: runId, scenarioId, triplets, tracks, to } = record;
    await new RunReporter((item) => outbox.add(item)).state(record);
    log.info({ runId, scenarioId, triplets, tracks }, 'training run queued');
    try {
      const memory = await this.#options.scenario(scenarioId)?.memory;
      // Probes of a clock that was ahead would make all that comes until then look learnt.
      await memory?.update({ trainedUntil: Math.min(to, Date.now()) });
    } catch (error) {
      log.error({ scenarioId, error: describeError(error) }, 'what a run learns from could not be noted');
    }
  }

  /** So that the answer is where the question was. */
  async #refuse(scenarioId: string, runId: string, error: unknown): Promise<void> {
    const { serving, outbox, log, config } = this.#options;
    const why = describeError(error);
    log.warn({ scenarioId, why }, 'no training run');
    const scenario = config()?.scenarios.find(({ id }) => id === scenarioId);
    const parentVersionId = serving.current(scenarioId)?.versionId ?? scenario?.champion.id;
    if (!parentVersionId) return;
    const now = Date.now();
    await outbox.add({
      id: `refused-${runId}`,
      kind: 'training-run',
      payload: {
        id: runId,
        scenarioId,
        status: 'failed',
        reason: why,
        parentVersionId,
        candidateVersionId: null,
        tracks: 0,
        triplets: 0,
        steps: 0,
        queuedAt: now,
        startedAt: null,
        endedAt: now,
        points: [],
        verdict: null,
        error: why,
      },
    });
  }

  #openRun(scenarioId: string): RunRecord | undefined {
    return this.#options.runs.open().find((run) => run.scenarioId === scenarioId);
  }
}

const isNotNow = (error: unknown): boolean => error instanceof SafaceError && error.code === 'conflict';
