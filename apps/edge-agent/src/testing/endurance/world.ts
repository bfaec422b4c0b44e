import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decisionPolicySchema,
  defaultSchedulingPolicy,
  type EdgeIdentity,
  learningPolicySchema,
  SafaceError,
  type ServedVersion,
} from '@saface/core';
import { encodePng } from '@saface/engine/faces/image';
import { EdgeProcess } from '../edge-process.ts';
import { FakeCamera } from '../fake-camera.ts';
import { FakeControlPlane } from '../fake-control-plane.ts';
import { edgeConfig, identity, ingestKey, scenarioConfig } from '../fixtures.ts';
import { freePort, RedisServer } from '../redis-server.ts';
import { REGULARS } from './day.ts';
import type { ProbePool } from './pool.ts';

export interface WorldOptions {
  readonly pool: ProbePool;
  readonly model: Uint8Array;
  /** R_C. */
  readonly rate: number;
  readonly maxProbes: number;
  readonly minTriplets: number;
}

/** Every second regular is enrolled; the others, and all newcomers, are strangers. */
export const isEnrolled = (person: number): boolean => person < REGULARS && person % 2 === 0;
const identityId = (person: number): string => `person-${person}`;

/** The edge agent as it is shipped, as a process, with a Redis, a control plane in memory and a camera. */
export class EnduranceWorld {
  readonly control = new FakeControlPlane();
  readonly edge: EdgeProcess;
  readonly dir: string;
  readonly #redis: RedisServer;
  readonly #port: number;
  readonly #versions = new Set<string>();
  served: ServedVersion = { id: 'v0', label: 'base', learner: null, threshold: null };
  #previous: ServedVersion | null = null;
  #decidesWith: number | null = null;

  private constructor(edge: EdgeProcess, of: { dir: string; redis: RedisServer; port: number }) {
    this.edge = edge;
    this.dir = of.dir;
    this.#redis = of.redis;
    this.#port = of.port;
  }

  static async start(options: WorldOptions): Promise<EnduranceWorld> {
    const dir = await mkdtemp(join(tmpdir(), 'saface-endurance-'));
    const redis = await RedisServer.start();
    const port = await freePort();
    const edge = new EdgeProcess({
      SAFACE_EDGE_TOKEN: 'token',
      SAFACE_EDGE_NAME: 'endurance',
      SAFACE_EDGE_PORT: String(port),
      SAFACE_EDGE_DIR: dir,
      REDIS_URL: redis.url,
    });
    const world = new EnduranceWorld(edge, {
      dir,
      redis,
      port,
    });
    await world.control.start();
    edge.setControlUrl(world.control.url);
    await world.#configure(options);
    edge.start();
    return world;
  }

  async #configure({ pool, model, rate, maxProbes, minTriplets }: WorldOptions): Promise<void> {
    const config = edgeConfig();
    const identities: EdgeIdentity[] = [];
    for (const person of pool.people.keys()) {
      if (!isEnrolled(person)) continue;
      const crops = await Promise.all([0, 1, 2].map((picture) => encodePng(pool.crop(person, 'noon', picture))));
      identities.push(
        identity(
          identityId(person),
          crops.map((png) => this.control.put(png)),
        ),
      );
    }
    this.control.configure({
      ...config,
      policy: { ...defaultSchedulingPolicy, rC: rate, alpha: 1.5, mode: 'always-on' },
      baseModels: [{ id: 'base', recogniser: pool.recogniser, recogniserArtifact: this.control.put(model) }],
      scenarios: [
        scenarioConfig({
          champion: this.served,
          decision: decisionPolicySchema.parse({ threshold: null, margin: 0.03, minProbes: 3, minQuality: 0.1 }),
          learning: learningPolicySchema.parse({ enabled: true, autoPromote: true, minTriplets, maxProbes }),
        }),
      ],
      identities,
    });
  }

  /** A connected camera, as soon as the edge lets it in. */
  async camera(sessionId: string): Promise<FakeCamera> {
    const deadline = Date.now() + 120_000;
    while (Date.now() < deadline) {
      const camera = new FakeCamera(`ws://127.0.0.1:${this.#port}/ingest`, ingestKey);
      if ((await Promise.race([camera.open(), camera.closed()])) === null) {
        camera.hello('camera', sessionId);
        return camera;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new SafaceError('unavailable', `The edge let no camera in:\n${this.edge.log.slice(-2000)}`, 'See its log.');
  }

  /** What a control plane does with new versions: those that passed the gate go live. And with thresholds that the edge places: it serves them. */
  govern(): { promotions: number; refusals: number } {
    let [promotions, refusals] = [0, 0];
    let champion = this.served;
    for (const version of this.control.items('version')) {
      if (this.#versions.has(version.id)) continue;
      this.#versions.add(version.id);
      if (!version.verdict.passed) {
        refusals += 1;
        continue;
      }
      promotions += 1;
      this.#previous = champion;
      champion = { id: version.id, label: version.id, learner: version.learner, threshold: version.threshold };
    }
    const threshold = this.#thresholdOf(champion);
    if (champion === this.served && threshold === this.#decidesWith) return { promotions, refusals };
    this.served = champion;
    this.#decidesWith = threshold;
    const config = this.control.config!;
    this.control.configure({
      ...config,
      scenarios: config.scenarios.map((scenario) => ({
        ...scenario,
        champion: { ...champion, threshold },
        previous: this.#previous,
      })),
    });
    return { promotions, refusals };
  }

  /** What the edge has placed for the version, else its own. */
  #thresholdOf({ id, threshold }: ServedVersion): number | null {
    return this.control.items('threshold-report').findLast(({ versionId }) => versionId === id)?.threshold ?? threshold;
  }

  /** The learner that the edge serves now, as it reports; null for the base. */
  serving(): { id: string; learner: Uint8Array | null } {
    const id = this.control.reported?.serving[0]?.versionId ?? 'v0';
    const learner = this.control.items('version').find((version) => version.id === id)?.learner;
    return { id, learner: learner ? (this.control.artifacts.get(learner.sha256) ?? null) : null };
  }

  async stop(): Promise<void> {
    await this.edge.kill('SIGKILL').catch(() => undefined);
    await this.#redis.stop();
    await this.control.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}

export const personOf = (id: string | null): number | null => (id === null ? null : Number(id.slice('person-'.length)));
export const readModel = async (pool: ProbePool): Promise<Uint8Array> => new Uint8Array(await readFile(pool.model));
