import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRandom, learningPolicySchema, type ServedVersion } from '@saface/core';
import { encodePng } from '@saface/engine/faces/image';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EdgeProcess } from './testing/edge-process.ts';
import { FakeCamera, frame, probe } from './testing/fake-camera.ts';
import { FakeControlPlane } from './testing/fake-control-plane.ts';
import { edgeConfig, identity, ingestKey, scenarioConfig } from './testing/fixtures.ts';
import { freePort, RedisServer } from './testing/redis-server.ts';
import { tinyRecogniser } from './testing/tiny-recogniser.ts';

/** The agent as it is shipped, against a control plane in memory, a real Redis and a camera that plays three people. */
describe('edge agent', () => {
  let control: FakeControlPlane;
  let redis: RedisServer;
  let edge: EdgeProcess;
  let dir: string;
  let port: number;
  let frameIndex: number;

  beforeEach(async () => {
    control = new FakeControlPlane();
    await control.start();
    redis = await RedisServer.start();
    dir = await mkdtemp(join(tmpdir(), 'saface-edge-'));
    port = await freePort();
    frameIndex = 0;
    edge = new EdgeProcess({
      SAFACE_CONTROL_URL: control.url,
      SAFACE_EDGE_TOKEN: 'token',
      SAFACE_EDGE_NAME: 'test edge',
      SAFACE_EDGE_PORT: String(port),
      SAFACE_EDGE_DIR: dir,
      REDIS_URL: redis.url,
      SAFACE_THREADS: '1',
    });
  });

  afterEach(async () => {
    await edge.kill('SIGKILL').catch(() => undefined);
    await redis.stop();
    await control.stop();
    await rm(dir, { recursive: true, force: true });
  });

  const until = async (what: string, condition: () => boolean | Promise<boolean>, seconds = 60): Promise<void> => {
    const deadline = Date.now() + seconds * 1000;
    while (!(await condition())) {
      if (Date.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s; the log:\n${edge.log}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  async function configure(change: { minTriplets?: number; mode?: 'always-on' | 'off' } = {}): Promise<void> {
    const { minTriplets = 100_000, mode = 'always-on' } = change;
    const people = await Promise.all([0, 1].map(async (person) => control.put(await encodePng(face(person, 0)))));
    const [base] = edgeConfig().baseModels;
    const config = edgeConfig();
    control.configure({
      ...config,
      policy: { ...config.policy, mode },
      baseModels: [
        {
          ...base!,
          recogniser: { ...base!.recogniser, defaultThreshold: 5 },
          recogniserArtifact: control.put(tinyRecogniser()),
        },
      ],
      scenarios: [
        scenarioConfig({
          learning: learningPolicySchema.parse({ enabled: true, autoPromote: true, minTriplets, maxProbes: 2000 }),
        }),
      ],
      identities: [identity('ann', [people[0]!]), identity('bob', [people[1]!])],
    });
  }

  async function camera(sessionId = 's1'): Promise<FakeCamera> {
    let made: FakeCamera | undefined;
    await until('the camera is let in', async () => {
      made = new FakeCamera(`ws://127.0.0.1:${port}/ingest`, ingestKey);
      return (await Promise.race([made.open(), made.closed()])) === null;
    });
    made!.hello('camera', sessionId);
    return made!;
  }

  /** Two people side by side for `count` frames, on new tracks. */
  async function play(sender: FakeCamera, count: number, look = face): Promise<void> {
    const first = frameIndex;
    for (let i = 0; i < count; i++, frameIndex++) {
      const ids = [first, first + 1];
      const ended = i === count - 1 ? ids : [];
      const probes = ids.map((id) => probe(id, { box: { x: 100 * id + 3 * i, y: 10, width: 60, height: 60 } }));
      const message = frame({ frameIndex, probes: ended.length ? [] : probes, endedTracks: ended });
      await sender.send(message, ended.length ? [] : ids.map((_, person) => look(person, first + i).data));
    }
    await until('the frames are done', () => sender.done >= count);
    sender.done = 0;
  }

  async function deploy(champion: ServedVersion, previous: ServedVersion): Promise<void> {
    const config = control.config!;
    control.configure({
      ...config,
      scenarios: config.scenarios.map((scenario) => ({ ...scenario, champion, previous })),
    });
  }

  it('enrols, recognises, reports events and metrics, shows previews, and ends within 5 s', async () => {
    await configure();
    control.preview = ['camera'];
    edge.start();
    const sender = await camera();
    await play(sender, 12);
    await until('two ended events', () => control.items('event').filter(({ ended }) => ended).length === 2);
    expect(
      control
        .items('event')
        .filter(({ ended }) => ended)
        .map(({ identityId }) => identityId)
        .sort(),
    ).toEqual(['ann', 'bob']);
    await until('metrics of the camera', () =>
      control
        .items('metrics')
        .flat()
        .some(({ scope, values }) => scope === 'camera' && (values.probesPerSecond ?? 0) > 0),
    );
    expect(
      new Set(
        control
          .items('metrics')
          .flat()
          .filter(({ scope }) => scope === 'edge')
          .map(({ scopeId }) => scopeId),
      ),
    ).toEqual(new Set(['edge-of-the-site']));
    await until('N_E and B_max', () => (control.reported?.measured?.nE ?? 0) > 0);
    expect(control.reported).toMatchObject({
      revision: control.revision,
      serving: [{ scenarioId: 'scenario', versionId: 'v0' }],
      problems: [],
      cameras: [{ cameraId: 'camera', state: 'playing' }],
    });
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('saface_edge_probes_total{camera="camera"} 22');
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const started = Date.now();
    expect(await edge.kill('SIGTERM')).toBe(0);
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('ends with a clear word and a non-zero code when its token is refused', async () => {
    control.tokens.clear();
    edge.start();
    expect(await edge.exited()).toBe(2);
    expect(edge.log).toMatch(/wrong, spent or expired/);
  });

  it('recognises without the control plane, from the last good configuration, and delivers afterwards', async () => {
    await configure();
    edge.start();
    await until('the configuration is applied', () => control.reported?.revision === control.revision);
    await edge.kill('SIGKILL');
    control.down = true;
    edge.start();
    const sender = await camera();
    await play(sender, 12);
    expect(control.items('event')).toEqual([]);
    control.down = false;
    await until('the events arrive', () => control.items('event').filter(({ ended }) => ended).length === 2);
  });

  it('goes on recognising while its Redis is dead, and says so', async () => {
    await configure();
    edge.start();
    const sender = await camera();
    await redis.kill();
    await play(sender, 12);
    await until(
      'the events arrive without Redis',
      () => control.items('event').filter(({ ended }) => ended).length === 2,
    );
    await until('the problem is reported', () =>
      (control.reported?.problems ?? []).some((text) => text.includes('Redis is away')),
    );
    await redis.resume();
    await until('the problem is over', () => control.reported?.problems.length === 0);
  });

  it('ends the events of a track that it lost by being killed, once', async () => {
    await configure();
    edge.start();
    const sender = await camera();
    await sender.send(frame({ frameIndex: 0, probes: [probe(1)] }), [face(0, 0).data]);
    await until('the event is open', () => control.items('event').length === 1);
    await edge.kill('SIGKILL');
    edge.start();
    const again = await camera();
    await again.send(frame({ frameIndex: 1, probes: [probe(1)] }), [face(0, 1).data]);
    await again.send(frame({ frameIndex: 2, endedTracks: [1] }), []);
    await until('the event has ended', () => control.items('event').some(({ ended }) => ended));
    const events = control.items('event');
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
    expect(Math.max(...events.filter(({ ended }) => !ended).map(({ sequence }) => sequence))).toBeLessThan(
      events.find(({ ended }) => ended)!.sequence,
    );
  });

  it('finishes a training run though trainer, edge and Redis are killed on the way, registers one version, serves it, and rolls back at once', async () => {
    // All that will be played: what is learnt must not depend on how fast this machine is.
    await configure({ minTriplets: 700 });
    edge.start();
    await until('B_max is measured', () => control.reported?.measured !== null && control.reported !== null);
    const sender = await camera();
    for (let block = 0; block < 12; block++) await play(sender, 31, blurredFace);
    const runs = () => control.items('training-run');
    await until('training makes progress', () => runs().some(({ steps }) => steps > 0));

    const [trainer] = edge.children();
    process.kill(trainer!, 'SIGKILL');
    await until('another trainer works on it', () => edge.children().some((pid) => pid !== trainer));
    expect(runs().every(({ status }) => status === 'queued' || status === 'running')).toBe(true);

    await redis.kill();
    await edge.kill('SIGKILL');
    await redis.resume();
    edge.start();
    await until('the run is over', () => runs().some(({ status }) => status === 'done'), 100);
    const finished = runs().filter(({ status }) => status === 'done');
    expect(new Set(runs().map(({ id }) => id)).size).toBe(1);
    expect(finished).toHaveLength(1);
    expect(finished[0]!.verdict).toMatchObject({ passed: true, reason: expect.stringContaining('Promoted') });
    const [version] = control.items('version');
    expect(control.items('version')).toHaveLength(1);
    expect(version).toMatchObject({
      id: finished[0]!.candidateVersionId,
      parentVersionId: 'v0',
      runId: finished[0]!.id,
    });
    expect(control.artifacts.has(version!.learner.sha256)).toBe(true);
    // A step may be told twice when the edge dies in between; the control plane keeps it by its number.
    const steps = new Set(runs().flatMap(({ points }) => points.map(({ step }) => step)));
    expect([...steps].sort((a, b) => a - b)).toEqual(Array.from({ length: finished[0]!.steps }, (_, i) => i + 1));
    expect(control.items('triplet-pictures')).toHaveLength(1);

    const serving = () => control.reported?.serving[0]?.versionId;
    const base = scenarioConfig().champion;
    const { id, learner, threshold } = version!;
    const learned = { id, label: 'v1', learner, threshold };
    await deploy(learned, base);
    await until('the new version is served', () => serving() === id);
    const started = Date.now();
    await deploy(base, learned);
    await until('the old version is served', () => serving() === 'v0', 5);
    expect(Date.now() - started).toBeLessThan(5000);
    expect(control.reported?.problems).toEqual([]);

    // What the run worked on is deleted; what was seen is not, and none of it is readable.
    await until('the run is tidied', async () => (await readdir(join(dir, 'runs', finished[0]!.id))).length === 1);
    const [file] = await readdir(join(dir, 'tracks', 'scenario'));
    expect((await readFile(join(dir, 'tracks', 'scenario', file!))).subarray(0, 4).toString()).toBe('SFS1');
  });

  it('obeys orders: trains now, also when killed before its model is loaded again, forgets a person, cancels', async () => {
    await configure({ mode: 'off' });
    edge.start();
    const sender = await camera();
    control.commands = [{ id: 'c0', command: { kind: 'train-now', scenarioId: 'scenario' } }];
    await until('the refusal', () => control.items('training-run').some(({ status }) => status === 'failed'));
    expect(control.items('training-run')[0]!.reason).toContain('0 triplets');

    for (let block = 0; block < 8; block++) await play(sender, 31);
    control.commands.push({ id: 'c1', command: { kind: 'train-now', scenarioId: 'scenario' } });
    await until('the run is queued', () => control.items('training-run').some(({ status }) => status === 'queued'));
    const { id: runId } = control.items('training-run').find(({ status }) => status === 'queued')!;

    // The next edge has an open run and a job for it before it has a model to measure B_max with.
    await edge.kill('SIGKILL');
    await redis.forget();
    await rm(join(dir, 'artifacts'), { recursive: true });
    control.withheld = true;
    control.pulls = 0;
    edge.start();
    await until('it has planned a few times', () => control.pulls > 3);
    control.withheld = false;
    await until('the run makes progress', () => control.items('training-run').some(({ steps }) => steps > 0));

    control.commands.push({ id: 'c2', command: { kind: 'cancel-run', runId } });
    await until('it is cancelled', () => control.items('training-run').some(({ status }) => status === 'cancelled'));

    const stored = await readdir(join(dir, 'tracks', 'scenario'));
    control.commands.push({ id: 'c3', command: { kind: 'forget-identity', identityId: 'ann' } });
    await until('the order is acknowledged', () => control.acknowledged.has('c3'));
    expect((await readdir(join(dir, 'tracks', 'scenario'))).length).toBe(stored.length / 2);
    // Another trainer may be measuring what this machine can do; it ends by itself.
    await until('no trainer is left', () => edge.children().length === 0);
  });
});

/** An 8 x 8 picture of one of two people, a little different in every frame. */
function face(person: number, moment: number) {
  const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const stripe = person === 0 ? (pixel >> 3) % 2 : pixel % 2;
    return 60 + 120 * stripe + ((i * 31 + moment * 17) % 40);
  });
  return { width: 8, height: 8, data };
}

/** The same two under so much noise that an untrained network cannot tell them apart. */
function blurredFace(person: number, moment: number) {
  const noise = createRandom(person * 7919 + moment + 1);
  const data = Uint8Array.from({ length: 8 * 8 * 3 }, (_, i) => {
    const pixel = Math.floor(i / 3);
    const stripe = person === 0 ? (pixel >> 3) % 2 : pixel % 2;
    return 70 + 30 * stripe + 110 * noise();
  });
  return { width: 8, height: 8, data };
}
