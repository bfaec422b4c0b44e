import {
  buildLearningSet,
  createRandom,
  decisionPolicySchema,
  Gallery,
  type Learner,
  learningPolicySchema,
  type OutboxItem,
  type ProbeObservation,
  subset,
  toHalf,
} from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ServingSet } from '../recognition/serving.ts';
import { scenarioConfig, tinySpec } from '../testing/fixtures.ts';
import { judge } from './judge.ts';
import { LiveComparisons } from './live-comparisons.ts';
import { baseKeyOf } from './prepare-run.ts';
import type { ScenarioTracks, TracksSnapshot } from './scenario-tracks.ts';
import type { HeldProbe } from './track-files.ts';

const box = { x: 0, y: 0, width: 10, height: 10 };
const base = { config: { id: 'base', recogniser: tinySpec, recogniserArtifact: { sha256: 'a', bytes: 1 } } };

/** Embeds a probe as its features are, moved by as much noise as the learner is bad. */
function learner(noise: number): Learner {
  return {
    featureShape: [4],
    dimension: 4,
    embed: async (features) => {
      const random = createRandom(Math.round(features.reduce((sum, v) => sum + v * 1000, 1)));
      return features.map((v) => v + noise * (random() - 0.5));
    },
    dispose: async () => undefined,
  };
}

const good = learner(0);
const bad = learner(3);

/** Two people who stand beside each other, again and again: each time two tracks of 30 frames. */
function live(meetings: number): TracksSnapshot {
  const random = createRandom(7);
  const observations: ProbeObservation[] = [];
  const probes: HeldProbe[] = [];
  for (let m = 0; m < meetings; m++)
    for (let f = 0; f < 30; f++)
      for (const person of [0, 1]) {
        const frame = m * 100 + f;
        const features = Float32Array.from({ length: 4 }, (_, k) => (k === person ? 1 : 0) + 0.1 * random());
        const trackId = 2 * m + person;
        const seen = { trackKey: `camera/s/${trackId}`, frame, time: frame * 100, quality: 1, box };
        observations.push({ ...seen, frameKey: `camera/s/${frame}` });
        const picture = { width: 1, height: 1, data: new Uint8Array(3) };
        probes.push({ ...seen, stream: 'camera/s', trackId, arrived: seen.time, features: toHalf(features), picture });
      }
  const set = buildLearningSet(observations);
  return { set, probes, base: baseKeyOf(base as never), from: 0, to: meetings * 10_000, identityIds: [] };
}

function setOf(versionId: string, own: Learner): ServingSet {
  const gallery = new Gallery({ dimension: 4, metric: 'euclidean' });
  gallery.add('ada', Float32Array.from([1, 0, 0, 0]));
  gallery.add('ben', Float32Array.from([0, 1, 0, 0]));
  return { scenarioId: 'scenario', versionId, base: base as never, learner: own, gallery, threshold: 0.6 };
}

describe('live comparisons', () => {
  let sent: OutboxItem[];
  let now: number;
  let snapshot: TracksSnapshot;
  let keysAtStart: Set<string>;
  let complete: boolean;
  const tracks = () =>
    ({ keys: () => keysAtStart, snapshot: () => snapshot, isComplete: complete }) as Pick<
      ScenarioTracks,
      'keys' | 'snapshot' | 'isComplete'
    > as ScenarioTracks;
  const comparisons = (champion: ServingSet, sides: { shadow?: ServingSet; parent?: ServingSet }) =>
    new LiveComparisons({
      serving: {
        current: () => champion,
        sides: () => ({ shadow: sides.shadow ?? null, parent: sides.parent ?? null }),
      },
      add: async (item) => void sent.push(item),
      judge: async (order) => judge(order) as never,
      now: () => now,
    });
  const scenario = scenarioConfig({
    champion: { id: 'champion', label: 'v1', learner: null, threshold: null },
    learning: learningPolicySchema.parse({
      enabled: true,
      autoPromote: true,
      minTriplets: 8,
      maxProbes: 1000,
      shadowTracks: 10,
    }),
  });

  beforeEach(() => {
    sent = [];
    now = 1_000_000;
    keysAtStart = new Set();
    complete = true;
    snapshot = live(12);
  });

  it('tells how a better candidate does beside the champion, once, and again only when there is more to say', async () => {
    const looking = comparisons(setOf('champion', bad), { shadow: setOf('candidate', good) });
    await looking.look(scenario, tracks(), 1);
    expect(sent).toMatchObject([
      {
        kind: 'shadow-report',
        payload: { versionId: 'candidate', championVersionId: 'champion', agreement: { tracks: 24 } },
      },
    ]);
    const [report] = sent;
    if (report.kind !== 'shadow-report') throw new Error(report.kind);
    expect(report.payload.candidate?.accuracy).toBeGreaterThan(report.payload.champion?.accuracy ?? 1);
    now += 5000;
    await looking.look(scenario, tracks(), 1);
    now += 60_000;
    await looking.look(scenario, tracks(), 1);
    expect(sent).toHaveLength(1);
  });

  it('leaves out tracks that were there before the two ran beside each other', async () => {
    keysAtStart = new Set(snapshot.set.tracks.map(({ key }) => key));
    const looking = comparisons(setOf('champion', good), { shadow: setOf('candidate', good) });
    await looking.look(scenario, tracks(), 1);
    expect(sent).toMatchObject([{ payload: { decision: 'wait', agreement: { tracks: 0 } } }]);
  });

  it('looks at nothing while tracks of an earlier process are still being read', async () => {
    complete = false;
    const looking = comparisons(setOf('champion', bad), { shadow: setOf('candidate', good) });
    await looking.look(scenario, tracks(), 1);
    expect(sent).toEqual([]);
    complete = true;
    keysAtStart = new Set(snapshot.set.tracks.map(({ key }) => key));
    await looking.look(scenario, tracks(), 1);
    expect(sent).toMatchObject([{ payload: { decision: 'wait', agreement: { tracks: 0 } } }]);
  });

  it('comes to an end also where few tracks are kept at a time', async () => {
    const all = live(160);
    /** The newest 20 tracks until meeting `to`, as a small store has them. */
    const kept = (to: number): TracksSnapshot => {
      const number = ({ key }: { key: string }) => Number(key.slice(key.lastIndexOf('/') + 1));
      const part = subset(all.set, (track) => number(track) < 2 * to && number(track) >= 2 * to - 20);
      return {
        ...all,
        set: { ...part, probes: part.probes.map((probe, row) => ({ ...probe, row })) },
        probes: part.probes.map(({ row }) => all.probes[row]!),
      };
    };
    const looking = comparisons(setOf('champion', good), { parent: setOf('parent', good) });
    for (let to = 10; to <= 160; to += 10) {
      snapshot = kept(to);
      await looking.look(scenario, tracks(), 1);
      now += 60_000;
    }
    const decisions = sent.map((item) => (item.kind === 'watch-report' ? item.payload.decision : item.kind));
    expect(decisions.slice(0, 14)).toEqual(Array(14).fill('watch'));
    expect(sent.at(-1)).toMatchObject({ payload: { decision: 'keep', tracks: 320 } });

    sent = [];
    const shadowing = comparisons(setOf('champion', good), { shadow: setOf('candidate', good) });
    const patient = { ...scenario, learning: { ...scenario.learning, shadowTracks: 50 } };
    for (const to of [10, 20, 30]) {
      snapshot = kept(to);
      await shadowing.look(patient, tracks(), 1);
      now += 60_000;
    }
    expect(sent.map((item) => (item.kind === 'shadow-report' ? item.payload.decision : item.kind))).toEqual([
      'wait',
      'wait',
      'promote',
    ]);
  });

  it('finds a champion that is worse than its parent', async () => {
    const looking = comparisons(setOf('champion', bad), { parent: setOf('parent', good) });
    await looking.look(scenario, tracks(), 1);
    expect(sent).toMatchObject([
      { kind: 'watch-report', payload: { versionId: 'champion', parentVersionId: 'parent', decision: 'roll-back' } },
    ]);
  });

  it('places the threshold that the budget asks for, and does not tremble', async () => {
    const budget = {
      ...scenario,
      decision: decisionPolicySchema.parse({ ...scenario.decision, falseAlarmsPerWeek: 1 }),
    };
    snapshot = live(40);
    const looking = comparisons(setOf('champion', good), {});
    await looking.look(budget, tracks(), 1);
    now += 60_000;
    await looking.look(budget, tracks(), 1);
    expect(sent).toMatchObject([{ kind: 'threshold-report', payload: { versionId: 'champion', alarmsPerWeek: 1 } }]);
    const [report] = sent;
    if (report.kind !== 'threshold-report') throw new Error(report.kind);
    // Nearer than any of the different people, who are about 1.4 apart.
    expect(report.payload.threshold).toBeLessThan(1.4);
  });

  it('places it anew for a budget that was changed or taken away and set again, as only the last report is kept', async () => {
    const of = (falseAlarmsPerWeek: number | null) => ({
      ...scenario,
      decision: decisionPolicySchema.parse({ ...scenario.decision, falseAlarmsPerWeek }),
    });
    snapshot = live(40);
    const looking = comparisons(setOf('champion', good), {});
    for (const alarms of [1, 5, 1, null, 1]) {
      await looking.look(of(alarms), tracks(), 1);
      now += 60_000;
    }
    const told = sent.map((item) => item.kind === 'threshold-report' && item.payload.alarmsPerWeek);
    expect(told).toEqual([1, 5, 1, 1]);
  });

  it('counts strangers by when they came, whatever a camera says the time was', async () => {
    const budget = {
      ...scenario,
      decision: decisionPolicySchema.parse({ ...scenario.decision, falseAlarmsPerWeek: 1 }),
    };
    const thresholdOf = async (of: TracksSnapshot) => {
      sent = [];
      snapshot = of;
      await comparisons(setOf('champion', good), {}).look(budget, tracks(), 1);
      const [report] = sent;
      return report?.kind === 'threshold-report' && report.payload.threshold;
    };
    const right = live(40);
    const stopped = {
      ...right,
      set: { ...right.set, probes: right.set.probes.map((probe, i) => (i < 10 ? { ...probe, time: 0 } : probe)) },
    };
    expect(await thresholdOf(stopped)).toBe(await thresholdOf(right));
  });

  it('says nothing while the edge serves another version than the scenario wants', async () => {
    const looking = comparisons(setOf('older', bad), { shadow: setOf('candidate', good) });
    await looking.look(scenario, tracks(), 1);
    expect(sent).toEqual([]);
  });
});
