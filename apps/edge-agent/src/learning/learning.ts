import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describeError, type EdgeConfig, type EdgeScenario, type IssuedCommand } from '@saface/core';
import type { LearningParts } from '../edge-agent.ts';
import type { TrackOrigin } from '../recognition/event-writer.ts';
import { peopleOf } from '../recognition/people.ts';
import type { RecognisedFrame } from '../recognition/recogniser.ts';
import type { TrackState } from '../recognition/track-book.ts';
import { TrainingCapacity } from './capacity.ts';
import { DiskRoom } from './disk-room.ts';
import { ErasedPeople } from './erased-people.ts';
import { JudgeClient } from './judge-client.ts';
import type { LearningPort, ScenarioCounts } from './learning-port.ts';
import { LiveComparisons } from './live-comparisons.ts';
import { LiveEmbeddings } from './live-embeddings.ts';
import { Pacer } from './pacer.ts';
import { baseKeyOf } from './prepare-run.ts';
import { RunFiles } from './run-files.ts';
import { mustRest, whyObsolete } from './run-planner.ts';
import { type RunRecord, RunStore } from './run-record.ts';
import { RunReporter } from './run-reporter.ts';
import { RunStarter, type ScenarioState } from './run-starter.ts';
import { runnerUpsOf } from './runner-ups.ts';
import { ScenarioMemory } from './scenario-memory.ts';
import { ScenarioTracks, streamOf } from './scenario-tracks.ts';
import { StrangerThreshold } from './stranger-threshold.ts';
import { TrackFiles } from './track-files.ts';
import { startTrainerProcess } from './trainer-client.ts';
import { TrainingQueue } from './training-queue.ts';
import { TrainingRuns } from './training-runs.ts';
import { TripletPictures } from './triplet-pictures.ts';

/** Milliseconds between two looks at whether something should train. */
const PLANNING = 2000;

type TracksState = ScenarioState & { readonly strangers: StrangerThreshold };

/** Steps D and E of the paper on the edge: tracks to triplets, training when there is room for it, and a judged version at the end. */
export class Learning implements LearningPort {
  readonly #parts: LearningParts;
  readonly #scenarios = new Map<string, TracksState>();
  readonly #embeddings = new LiveEmbeddings();
  readonly #runs: RunStore;
  readonly #training: TrainingRuns;
  readonly #capacity: TrainingCapacity;
  readonly #room: DiskRoom;
  readonly #pictures: TripletPictures;
  readonly #judge = new JudgeClient();
  readonly #comparisons: LiveComparisons;
  readonly #starter: RunStarter;
  readonly #erased: ErasedPeople;
  readonly #loaded: Promise<void>;
  #config: EdgeConfig | null = null;
  #queue: TrainingQueue | null = null;
  #timer: NodeJS.Timeout | null = null;
  #planning = false;
  #comparing = false;
  #steps = 0;

  constructor(parts: LearningParts) {
    const { env, vault, log, outbox, artifacts, scheduler } = parts;
    this.#parts = parts;
    this.#room = new DiskRoom(parts.problems);
    this.#runs = new RunStore(join(env.dir, 'runs'), vault, log);

    this.#erased = new ErasedPeople(join(env.dir, 'learning'), vault, log);
    this.#loaded = this.#runs
      .load()
      .then(() => Promise.all([this.#erased.loaded, this.#tellInterrupted()]).then(() => undefined));
    this.#pictures = new TripletPictures({
      add: (item) => outbox.add(item),
      mayShow: (runId) => this.#mayShow(runId),
      log,
    });
    this.#comparisons = new LiveComparisons({
      serving: parts.serving,
      add: (item) => outbox.add(item),
      judge: this.#judge.judge,
      embeddings: this.#embeddings,
    });
    this.#starter = new RunStarter({
      ...parts,
      runs: this.#runs,
      pictures: this.#pictures,
      config: () => this.#config,
      scenario: (id) => this.#scenarios.get(id) ?? null,
      onCreated: () => this.#requeue(),
    });
    const startTrainer = startTrainerProcess;
    this.#capacity = new TrainingCapacity({
      startTrainer,
      engine: env.engine,
      threads: env.trainerThreads,
      dir: env.dir,
      scheduler,
      log,
      problems: parts.problems,
    });
    this.#training = new TrainingRuns({
      startTrainer,
      engine: env.engine,
      // While nobody is in view all threads are idle; later on the trainer's low priority makes up for having taken them.
      threads: () => (scheduler.decide().load === 0 ? Math.max(env.threads, env.trainerThreads) : env.trainerThreads),
      runs: this.#runs,
      vault,
      keyFile: env.keyFile,
      log,
      artifacts,
      add: (item) => outbox.add(item),
      pacer: new Pacer({
        decide: () => scheduler.decide().batchSize,
        interval: () => scheduler.decisionInterval,
        resting: () => parts.outbox.storeDown,
      }),
      room: this.#room,
      obsolete: (run) =>
        whyObsolete(run, this.#scenario(run.scenarioId), { isErased: (id) => this.#erased.has(id), now: new Date() }),
      resting: (run) => this.#mustRest(run),
      onStepCost: (cost) => this.#capacity.observe(cost),
      onStep: () => {
        this.#steps += 1;
      },
      wantsExamples: ({ id }) => this.#pictures.has(id),
      onExamples: ({ id }, triplets) => void this.#pictures.send(id, triplets),
      onOver: (record) => void this.#over(record),
    });
  }

  configure(config: EdgeConfig): void {
    const { env, vault, log, problems } = this.#parts;
    this.#config = config;
    for (const { id, learning, decision } of config.scenarios) {
      const limits = { maxProbes: learning.maxProbes, minQuality: decision.minQuality };
      const known = this.#scenarios.get(id);
      known?.tracks.limit(limits);
      // Without learning there is no reason to keep anybody's face.
      if (!learning.enabled) known?.tracks.clear();
      if (known) continue;
      const files = new TrackFiles(join(env.dir, 'tracks', id), vault);
      const tracks = new ScenarioTracks({ files, limits, erased: this.#erased, log });
      if (learning.enabled)
        tracks.restore().catch((error: unknown) => {
          log.error({ scenarioId: id, error: describeError(error) }, 'stored tracks could not be read');
        });
      else tracks.clear();
      this.#scenarios.set(id, {
        tracks,
        memory: ScenarioMemory.open(join(env.dir, 'learning'), id, vault),
        strangers: new StrangerThreshold((item) => this.#parts.outbox.add(item)),
      });
    }
    for (const [id, { tracks }] of this.#scenarios) {
      if (config.scenarios.some((scenario) => scenario.id === id)) continue;
      tracks.clear();
      this.#scenarios.delete(id);
    }
    for (const scenario of config.scenarios)
      this.#scenarios.get(scenario.id)?.strangers.enrolled(
        peopleOf(config, scenario).map(({ id }) => id),
        this.#parts.serving.current(scenario.id),
      );
    const scenarioIds = new Set(this.#scenarios.keys());
    this.#comparisons.retain(scenarioIds);
    problems.retain('training', scenarioIds);
    // Only now, as a job of a scenario that is not known yet would look like one of a scenario that is gone.
    this.#timer ??= setInterval(() => void this.#plan(), PLANNING);
  }

  observe(frame: RecognisedFrame): void {
    if (!frame.scenario.learning.enabled) return;
    this.#scenarios.get(frame.scenario.id)?.tracks.observe(frame, baseKeyOf(frame.base));
  }

  tracksEnded({ scenarioId, cameraId, sessionId }: TrackOrigin, tracks: readonly TrackState[]): void {
    const ids = tracks.map(({ trackId }) => trackId);
    const state = this.#scenarios.get(scenarioId);
    state?.tracks.endTracks(streamOf(cameraId, sessionId), ids);
    state?.strangers.see(tracks);
  }

  streamEnded({ scenarioId, cameraId, sessionId }: TrackOrigin): void {
    this.#scenarios.get(scenarioId)?.tracks.endStream(streamOf(cameraId, sessionId));
  }

  counts(): Map<string, ScenarioCounts> {
    return new Map([...this.#scenarios].map(([id, { tracks }]) => [id, { ...tracks.counts(), ...tracks.cache() }]));
  }

  takeSteps(): number {
    const steps = this.#steps;
    this.#steps = 0;
    return steps;
  }

  async obey({ id, command }: IssuedCommand): Promise<void> {
    const { log } = this.#parts;
    try {
      await this.#loaded;
      switch (command.kind) {
        case 'train-now':
          // Drawn from the command, so that one delivered twice starts one run.
          return await this.#starter.startAsked(command.scenarioId, hashOf(`command/${id}`));
        case 'cancel-run':
          await this.#queue?.remove(command.runId);
          return await this.#training.cancel(command.runId, 'Cancelled by an operator.');
        case 'pause-run':
          return await this.#training.pause(command.runId, true);
        case 'resume-run':
          return await this.#training.pause(command.runId, false);
        case 'forget-identity':
          return await this.#forget(command.identityId);
      }
    } catch (error) {
      log.error({ command, error: describeError(error) }, 'a command failed');
      this.#parts.problems.happened(
        `command:${command.kind}`,
        `The order "${command.kind}" failed: ${describeError(error)}`,
      );
    }
  }

  async stop(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    this.#training.stop();
    this.#capacity.stop();
    this.#judge.stop();
    await this.#queue?.close();
    await Promise.all([...this.#scenarios.values()].map(({ tracks }) => tracks.flush()));
  }

  async #plan(): Promise<void> {
    if (this.#planning) return;
    this.#planning = true;
    const { log, serving, scheduler } = this.#parts;
    // Whatever becomes of the planning.
    void this.#compareAll();
    try {
      await this.#loaded;
      for (const { tracks } of this.#scenarios.values()) tracks.forgetOld(new Date());
      await this.#training.cancelObsolete();
      const active = this.#training.activeRun;
      if (active && this.#mustRest(active)) await this.#training.rest();
      const set = serving.heaviest();
      if (set && !this.#training.activeRun) await this.#capacity.ensure(set.base);
      // A run is granted nothing before B_max is known, and while one is under way nothing is measured: it would wait for ever.
      if (scheduler.capacity.tripletsPerSecond !== null) this.#startQueue();
      await this.#requeue();
      await this.#starter.startDue();
    } catch (error) {
      log.error({ error: describeError(error) }, 'planning the training failed');
    } finally {
      this.#planning = false;
    }
  }

  /** Beside the planning: a look may take longer than a round of it. */
  async #compareAll(): Promise<void> {
    if (this.#comparing) return;
    this.#comparing = true;
    for (const scenario of this.#config?.scenarios ?? []) await this.#compare(scenario);
    this.#comparing = false;
  }

  async #compare(scenario: EdgeScenario): Promise<void> {
    const state = this.#scenarios.get(scenario.id);
    const cameras = this.#config?.cameras.filter(({ scenarioId }) => scenarioId === scenario.id).length ?? 0;
    if (!state) return;
    try {
      await this.#beginStrangers(scenario, state);
      await state.strangers.place(scenario);
      await this.#comparisons.look(scenario, state.tracks, cameras);
    } catch (error) {
      // A version that was let go in the middle of a look: the next look has the new ones.
      this.#parts.log.warn({ scenarioId: scenario.id, error: describeError(error) }, 'versions were not compared');
    }
  }

  /** Versions that have met nobody yet, or none of those who can be named now, are asked about the tracks that are kept. */
  async #beginStrangers(scenario: EdgeScenario, { tracks, strangers }: TracksState): Promise<void> {
    const { id, champion, decision } = scenario;
    const { serving } = this.#parts;
    const current = serving.current(id);
    if (decision.falseAlarmsPerWeek !== null || !tracks.isComplete || current?.versionId !== champion.id) return;
    const { shadow } = serving.sides(id);
    const people = String(current.gallery.identityIds);
    // One that is being replaced, or still names the people of before, has its turn later.
    const isReady = shadow?.versionId === scenario.shadow?.id && String(shadow?.gallery.identityIds) === people;
    await strangers.begin(shadow && isReady ? [current, shadow] : [current], async (set) => {
      const snapshot = tracks.snapshot();
      if (snapshot?.base !== baseKeyOf(set.base)) return [];
      return runnerUpsOf(set, snapshot, { decision, embeddings: this.#embeddings });
    });
  }

  /** Every open run that is not paused has a job, also when Redis was away or has forgotten it. */
  async #requeue(): Promise<void> {
    for (const record of this.#runs.open()) {
      if (record.status === 'paused' || this.#training.activeRun?.id === record.id) continue;
      if (this.#mustRest(record)) continue;
      try {
        await this.#queue?.add(record);
      } catch {
        // While Redis is away the record waits on disk; the next round tries again.
        return;
      }
    }
  }

  /** Runs that an edge worked on when it was killed wait for their turn again. */
  async #tellInterrupted(): Promise<void> {
    const { outbox, log, vault } = this.#parts;
    for (const record of this.#runs.open()) {
      // One that has a result was perhaps told to be over, and will be again.
      const files = new RunFiles(this.#runs.folder(record.id), record.id, vault);
      if (record.status !== 'running' || (await files.readResult().catch(() => null))) continue;
      const waiting: RunRecord = { ...record, status: 'queued' };
      this.#runs.set(waiting);
      await new RunReporter((item) => outbox.add(item)).state(waiting).catch((error: unknown) => {
        log.error({ runId: record.id, error: describeError(error) }, 'the state of a run could not be told');
      });
    }
  }

  #startQueue(): void {
    const { env, agentId, log } = this.#parts;
    this.#queue ??= new TrainingQueue({
      redisUrl: env.redisUrl,
      agentId,
      log,
      process: (runId) => this.#training.process(runId),
      onGivenUp: (runId, why) => this.#training.giveUp(runId, why),
    });
  }

  async #over(record: RunRecord): Promise<void> {
    const { log } = this.#parts;
    this.#pictures.drop(record.id);
    log.info({ runId: record.id, status: record.status, reason: record.reason }, 'training run ended');
    try {
      await (await this.#scenarios.get(record.scenarioId)?.memory)?.update({ lastRun: Date.now() });
      // One that never began has shown nothing, and another may be under way.
      if (record.startedAt !== null) await this.#capacity.endRun(record.baseModelId);
    } catch (error) {
      log.error({ error: describeError(error) }, 'what the run has shown could not be stored');
    }
  }

  /** Erasure: tracks with their pictures and features, and the data of runs that they or the person's enrolled faces are part of. */
  async #forget(identityId: string): Promise<void> {
    await this.#erased.add(identityId);
    let tracks = 0;
    for (const state of this.#scenarios.values()) tracks += await state.tracks.forget(identityId);
    // One that is being written down began with what was known before.
    await this.#starter.settled();
    await this.#training.cancelObsolete();
    this.#parts.log.info({ identityId, tracks }, 'forgot a person');
  }

  #mayShow(runId: string): boolean {
    const status = this.#runs.get(runId)?.status;
    return status !== undefined && status !== 'cancelled' && status !== 'failed';
  }

  #mustRest(run: RunRecord): boolean {
    if (this.#room.isShort) return true;
    const learning = this.#scenario(run.scenarioId)?.learning;
    const policy = this.#config?.policy;
    return learning !== undefined && policy !== undefined && mustRest(run, { learning, policy, now: new Date() });
  }

  #scenario(scenarioId: string): EdgeScenario | null {
    return this.#config?.scenarios.find(({ id }) => id === scenarioId) ?? null;
  }
}

export const startLearning = (parts: LearningParts): LearningPort => new Learning(parts);

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);
