import { type EdgeConfig, type RgbImage, SafaceError } from '@saface/core';
import type { ArtifactStore } from '../control/artifacts.ts';
import type { Serving } from '../recognition/serving.ts';
import type { ServedBase } from '../recognition/templates.ts';
import type { RunDataset } from './run-files.ts';
import { isJudgeable, LEAST_TRIPLETS } from './run-planner.ts';
import type { RunRecord, RunStore } from './run-record.ts';
import { countTriplets, type ScenarioTracks } from './scenario-tracks.ts';
import { datasetOf } from './snapshot.ts';

export interface PrepareInput {
  readonly runId: string;
  readonly asked: boolean;
  readonly scenarioId: string;
  readonly config: EdgeConfig | null;
  readonly tracks: ScenarioTracks | null;
  readonly serving: Serving;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly runs: Pick<RunStore, 'judgedSince'>;
}

export interface PreparedRun {
  readonly record: RunRecord;
  readonly dataset: RunDataset;
  /** By row of the data set. */
  readonly pictures: readonly RgbImage[];
}

/**
 * A run with all that it will need, as things are now: later frames, later galleries and later versions do not change it.
 *
 * @throws SafaceError `conflict` that says why there is nothing to train yet
 */
export async function prepareRun(input: PrepareInput): Promise<PreparedRun> {
  const { runId, asked, scenarioId, config, serving, artifacts, runs } = input;
  const scenario = config?.scenarios.find(({ id }) => id === scenarioId);
  const set = serving.current(scenarioId);
  if (!config || !scenario || !set)
    throw notNow('The scenario is not served by this edge yet', 'Try again in a moment.');
  const tracks = input.tracks?.snapshot() ?? null;
  const triplets = tracks ? countTriplets(tracks.set) : 0;
  if (!tracks || triplets < LEAST_TRIPLETS || tracks.base !== baseKeyOf(set.base))
    throw notNow(
      `The tracks of this scenario make ${triplets} triplets, ${LEAST_TRIPLETS} are the least`,
      'Let the cameras see several people at once for a while.',
    );
  if (!isJudgeable(tracks.set, set.base.config.recogniser.metric))
    throw notNow(
      'Too few people were seen together to judge what would be learnt',
      'Let the cameras see more people, several at once.',
    );
  const version = [scenario.champion, scenario.previous].find((candidate) => candidate?.id === set.versionId);
  // A candidate must be measured against, and descend from, what decides now; it cannot be had again by its id alone.
  if (!version) throw notNow(`Version ${set.versionId} is being replaced`, 'Try again in a moment.');
  const parent = version.learner ? await artifacts.get(version.learner) : set.base.learner;
  const { recogniser, id: baseModelId } = set.base.config;
  const record: RunRecord = {
    id: runId,
    scenarioId,
    status: 'queued',
    reason: null,
    asked,
    baseModelId,
    cut: recogniser.defaultCut,
    metric: recogniser.metric,
    championThreshold: set.threshold,
    attempts: runs.judgedSince({ scenarioId, baseModelId, from: tracks.from }),
    parentVersionId: set.versionId,
    candidateVersionId: null,
    tracks: tracks.set.tracks.length,
    triplets,
    steps: 0,
    reportedStep: 0,
    queuedAt: Date.now(),
    startedAt: null,
    endedAt: null,
    from: tracks.from,
    to: tracks.to,
    identityIds: [...tracks.identityIds],
    enrolledIds: [],
    verdict: null,
    judgedUntil: null,
    error: null,
  };
  const benchmark = await set.base.benchmark();
  const dataset = await datasetOf({ tracks, set, serving, scenario, config, parent, benchmark });
  const enrolledIds = [...new Set(dataset.enrolled?.identityIds)];
  return { record: { ...record, enrolledIds }, dataset, pictures: tracks.probes.map((probe) => probe.picture) };
}

/** Features belong to one network and one cut of it. */
export const baseKeyOf = ({ config }: ServedBase): string =>
  `${config.recogniserArtifact.sha256}/${config.recogniser.defaultCut}`;

export function notNow(what: string, remedy: string): SafaceError {
  return new SafaceError('conflict', what, remedy);
}
