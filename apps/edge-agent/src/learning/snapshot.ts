import { cropsFor, type EdgeConfig, type EdgeScenario, type Enrolled, toHalf } from '@saface/core';
import { peopleOf } from '../recognition/people.ts';
import type { Serving, ServingSet } from '../recognition/serving.ts';
import type { KnownFaces, RunDataset } from './run-files.ts';
import type { TracksSnapshot } from './scenario-tracks.ts';

export interface SnapshotInput {
  readonly tracks: TracksSnapshot;
  readonly set: ServingSet;
  readonly serving: Serving;
  readonly scenario: EdgeScenario;
  readonly config: EdgeConfig;
  /** The champion's learner as an ONNX file. */
  readonly parent: Uint8Array;
  /** Faces that the base model knows. */
  readonly benchmark: Enrolled | null;
}

/** Enrolled crops that speak for "has not forgotten anybody"; more would only cost time. */
const MOST_ENROLLED = 1000;

/** Everything a run needs, copied out of memory that goes on changing. */
export async function datasetOf({
  tracks,
  set,
  serving,
  scenario,
  config,
  parent,
  benchmark,
}: SnapshotInput): Promise<RunDataset> {
  const sampleSize = tracks.probes[0]?.features.length ?? 0;
  const features = new Uint16Array(tracks.probes.length * sampleSize);
  tracks.probes.forEach((probe, row) => {
    features.set(probe.features, row * sampleSize);
  });
  const enrolled = peopleOf(config, scenario)
    .flatMap((person) =>
      cropsFor(person, set.base.config.id).flatMap(({ sha256 }) => {
        const values = serving.cropFeatures(set.base, sha256);
        return values ? [{ identityId: person.id, values }] : [];
      }),
    )
    .slice(0, MOST_ENROLLED);
  return {
    set: tracks.set,
    sampleSize,
    features,
    enrolled: enrolled.length > 0 ? knownFaces(enrolled, sampleSize) : null,
    benchmark: benchmark && knownFaces(await facesOf(benchmark), sampleSize),
    parent,
    base: set.base.learner,
  };
}

interface KnownFace {
  readonly identityId: string;
  readonly values: Float32Array;
}

function knownFaces(faces: readonly KnownFace[], sampleSize: number): KnownFaces {
  const features = new Uint16Array(faces.length * sampleSize);
  faces.forEach(({ values }, row) => {
    toHalf(values, features.subarray(row * sampleSize, (row + 1) * sampleSize));
  });
  return { identityIds: faces.map(({ identityId }) => identityId), features };
}

async function facesOf({ bank, identityIds }: Enrolled): Promise<KnownFace[]> {
  return Promise.all(identityIds.map(async (identityId, row) => ({ identityId, values: await bank.read([row]) })));
}
