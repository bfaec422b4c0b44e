import type { OutboxItem } from '@saface/core';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ServingSet } from '../recognition/serving.ts';
import type { TrackState } from '../recognition/track-book.ts';
import { scenarioConfig } from '../testing/fixtures.ts';
import { StrangerThreshold } from './stranger-threshold.ts';

const version = (id: string) => ({ id, label: id, learner: null, threshold: 0.6 });
const scenario = scenarioConfig({ champion: version('v1'), previous: version('v0') });

/** Ended tracks whose second person is from `near` on, a hundredth more with each. */
const tracks = (count: number, near: number, versionId = 'v1'): Pick<TrackState, 'verdict' | 'set'>[] =>
  Array.from({ length: count }, (_, i) => ({
    set: null,
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
  let now: number;
  beforeEach(() => {
    sent = [];
    now = 0;
    placing = new StrangerThreshold(
      async (item) => {
        sent.push(item);
      },
      () => now,
    );
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

  const setOf = (versionId: string, people = ['ada', 'ben']) =>
    ({ versionId, gallery: { identityIds: people } }) as unknown as ServingSet;
  const runnerUps = (count: number, near: number) => Array.from({ length: count }, (_, i) => near + i / 100);

  it('begins with kept tracks, in shadow already and though it has met somebody, and goes on with those it meets', async () => {
    const shadowed = { ...scenario, shadow: version('v2') };
    const asked: string[] = [];
    const begin = () =>
      placing.begin([setOf('v2')], async ({ versionId }) => {
        asked.push(versionId);
        return runnerUps(30, 0.5);
      });
    placing.see(tracks(1, 5, 'v2'));
    await begin();
    await begin();
    expect(asked).toEqual(['v2']);
    await placing.place(shadowed);
    expect(sent).toEqual([]);
    placing.see(tracks(19, 1, 'v2'));
    await placing.place(shadowed);
    expect(told()).toMatchObject([{ versionId: 'v2', threshold: expect.closeTo(0.545) }]);
    // Promoted: it goes on as it was.
    await placing.place({ ...shadowed, champion: version('v2'), previous: version('v1'), shadow: null });
    expect(sent).toHaveLength(1);
    await placing.place(scenario);
    await begin();
    expect(asked).toEqual(['v2', 'v2']);
  });

  it('asks and hears nothing of a gallery that names the people of before, for as long as a new one may take', async () => {
    const old = setOf('v1');
    const far = async () => runnerUps(60, 0.5);
    placing.enrolled(['ada', 'ben'], null);
    placing.enrolled(['ada', 'ben', 'cleo'], old);
    await placing.begin([old, setOf('v1', ['ada'])], far);
    placing.see(tracks(60, 0.5).map((track) => ({ ...track, set: old })));
    await placing.place(scenario);
    expect(sent).toEqual([]);
    // Somebody without a usable picture: nothing else will ever serve.
    now += 5 * 60_000;
    await placing.begin([old], far);
    await placing.place(scenario);
    expect(sent).toHaveLength(1);
  });

  it('drops what was asked of a gallery while others were enrolled', async () => {
    placing.enrolled(['ada', 'ben'], null);
    await placing.begin([setOf('v1')], async () => {
      placing.enrolled(['ada', 'ben', 'cleo'], setOf('v1'));
      return runnerUps(60, 0.5);
    });
    await placing.place(scenario);
    expect(sent).toEqual([]);
  });

  it('begins anew when other people can be named', async () => {
    placing.enrolled(['ada', 'ben'], null);
    placing.see(tracks(49, 0.5));
    placing.enrolled(['ben', 'ada'], null);
    placing.see(tracks(1, 2));
    await placing.place(scenario);
    expect(sent).toHaveLength(1);
    placing.enrolled(['ada', 'ben', 'cleo'], null);
    placing.see(tracks(49, 0.9));
    await placing.place(scenario);
    expect(sent).toHaveLength(1);
    placing.see(tracks(1, 2));
    await placing.place(scenario);
    expect(sent).toHaveLength(2);
  });

  it('takes nothing from tracks without a second person: a gallery of one says nothing of strangers', async () => {
    const alone = tracks(80, 0.5).map(({ verdict }) => ({
      set: null,
      verdict: verdict && { ...verdict, decision: { ...verdict.decision, runnerUp: null } },
    }));
    placing.see([{ verdict: null, set: null }, ...alone]);
    await placing.place(scenario);
    expect(sent).toEqual([]);
  });
});
