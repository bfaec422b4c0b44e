import type { OutboxItem } from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TrackState } from '../recognition/track-book.ts';
import { scenarioConfig } from '../testing/fixtures.ts';
import { StrangerThreshold } from './stranger-threshold.ts';

const version = (id: string) => ({ id, label: id, learner: null, threshold: 0.6 });
const scenario = scenarioConfig({ champion: version('v1'), previous: version('v0') });

/** Ended tracks whose second person is from `near` on, a hundredth more with each. */
const tracks = (count: number, near: number, versionId = 'v1'): Pick<TrackState, 'verdict'>[] =>
  Array.from({ length: count }, (_, i) => ({
    verdict: {
      versionId,
      threshold: 0.6,
      decision: {
        kind: 'unknown',
        reason: 'too-far',
        best: null,
        runnerUp: { identityId: 'ada', distance: near + i / 100 },
      },
    },
  }));

describe('StrangerThreshold', () => {
  let sent: OutboxItem[];
  let placing: StrangerThreshold;
  beforeEach(() => {
    sent = [];
    placing = new StrangerThreshold(async (item) => {
      sent.push(item);
    });
  });
  const told = () => sent.map((item) => item.kind === 'threshold-report' && item.payload);

  it('tells once where one track in ten comes near a second person, and again when that has moved', async () => {
    placing.see(tracks(49, 0.5));
    await placing.place(scenario);
    expect(sent).toEqual([]);
    placing.see(tracks(1, 2));
    await placing.place(scenario);
    await placing.place(scenario);
    expect(told()).toMatchObject([
      { scenarioId: scenario.id, versionId: 'v1', alarmsPerWeek: null, certainty: 'measured' },
    ]);
    expect(told()[0]).toMatchObject({ threshold: expect.closeTo(0.545) });
    placing.see(tracks(400, 0.8));
    await placing.place(scenario);
    expect(told()[1]).toMatchObject({ threshold: expect.closeTo(1.195) });
  });

  it('counts each version by itself, keeps that of before, and says nothing while there is a budget', async () => {
    placing.see(tracks(60, 0.5, 'v0'));
    await placing.place(scenario);
    expect(sent).toEqual([]);
    const back = { ...scenario, champion: version('v0'), previous: version('v1') };
    const asked = { ...back, decision: { ...back.decision, falseAlarmsPerWeek: 1 } };
    await placing.place(asked);
    expect(sent).toEqual([]);
    await placing.place(back);
    await placing.place(asked);
    await placing.place(back);
    expect(told()).toMatchObject([{ versionId: 'v0' }, { versionId: 'v0' }]);
  });

  it('begins with kept tracks for a version that has met nobody, in shadow already, and goes on with those it meets', async () => {
    const shadowed = { ...scenario, shadow: version('v2') };
    const runnerUps = (count: number, near: number) => Array.from({ length: count }, (_, i) => near + i / 100);
    expect(placing.needs('v2')).toBe(true);
    placing.begin('v2', runnerUps(30, 0.5));
    expect(placing.needs('v2')).toBe(false);
    await placing.place(shadowed);
    expect(sent).toEqual([]);
    placing.see(tracks(20, 1, 'v2'));
    await placing.place(shadowed);
    expect(told()).toMatchObject([{ versionId: 'v2', threshold: expect.closeTo(0.545) }]);
    // Promoted: it goes on as it was.
    await placing.place({ ...shadowed, champion: version('v2'), previous: version('v1'), shadow: null });
    expect(sent).toHaveLength(1);
    await placing.place(scenario);
    expect(placing.needs('v2')).toBe(true);
  });

  it('begins anew when other people can be named', async () => {
    placing.enrolled(['ada', 'ben']);
    placing.see(tracks(49, 0.5));
    placing.enrolled(['ben', 'ada']);
    placing.see(tracks(1, 2));
    await placing.place(scenario);
    expect(sent).toHaveLength(1);
    placing.enrolled(['ada', 'ben', 'cleo']);
    placing.see(tracks(49, 0.9));
    await placing.place(scenario);
    expect(sent).toHaveLength(1);
    placing.see(tracks(1, 2));
    await placing.place(scenario);
    expect(sent).toHaveLength(2);
  });

  it('takes nothing from tracks without a second person: a gallery of one says nothing of strangers', async () => {
    const alone = tracks(80, 0.5).map(({ verdict }) => ({
      verdict: verdict && { ...verdict, decision: { ...verdict.decision, runnerUp: null } },
    }));
    placing.see([{ verdict: null }, ...alone]);
    await placing.place(scenario);
    expect(sent).toEqual([]);
  });
});
