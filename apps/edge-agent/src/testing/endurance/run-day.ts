import { join } from 'node:path';
import { createRandom } from '@saface/core';
import { type FakeCamera, frame, probe } from '../fake-camera.ts';
import { type Claim, checkDay, type HourRow } from './checks.ts';
import { Crowd, type DayHour, dayHour } from './day.ts';
import { ModelJudge, type ShownProbe } from './judge-models.ts';
import { folderSize, residentBytes } from './machine.ts';
import type { ProbePool } from './pool.ts';
import { EnduranceWorld, isEnrolled, personOf, readModel } from './world.ts';

export interface DayOptions {
  readonly pool: ProbePool;
  readonly hours: number;
  /** Hour of the day at which it begins; default midnight. */
  readonly firstHour?: number;
  /** Real seconds that one simulated hour takes. */
  readonly hourSeconds: number;
  readonly onHour: (row: HourRow) => void;
}

export interface DayReport {
  readonly recogniser: string;
  readonly hours: number;
  readonly speed: number;
  readonly seconds: number;
  readonly rows: readonly HourRow[];
  readonly claims: readonly Claim[];
  readonly passed: boolean;
  /** What the edge complained about at the end. */
  readonly problems: readonly string[];
}

/** R_C, people at once in the rush, and the bounds of learning: a small edge that has to work for it. */
const rate = 8;
const mostInView = 6;
const maxProbes = 1200;
const minTriplets = 700;

/**
 * Operation over hours, compressed: the clock of the day runs faster, everything else is as it is. Frames come at their rate,
 * the edge recognises them, keeps their tracks, trains in what Eq. 2 leaves, and is given the versions that pass its gate.
 */
export async function runDay({ pool, hours, firstHour = 0, hourSeconds, onHour }: DayOptions): Promise<DayReport> {
  const started = performance.now();
  const model = await readModel(pool);
  const judge = await ModelJudge.create(pool, model);
  const world = await EnduranceWorld.start({ pool, model, rate, maxProbes, minTriplets });
  try {
    const camera = await world.camera('day');
    const stage = new Stage(pool, camera);
    const rows: HourRow[] = [];
    for (let hour = firstHour; hour < firstHour + hours; hour++) {
      const plan = dayHour(hour, { people: pool.people.length, mostInView });
      const shown = await stage.play(plan, hourSeconds, () => world.govern());
      const row = await measureHour({ plan, shown, world, judge });
      rows.push(row);
      onHour(row);
    }
    const claims = checkDay(rows, {
      warmUp: Math.min(6, Math.floor(hours / 4)),
      memoryGrowth: 0.15,
      maxProbes,
      probeBytes: judge.probeBytes(pool.size),
      noise: 0.003,
    });
    camera.close();
    return {
      recogniser: pool.recogniser.name,
      hours,
      speed: 3600 / hourSeconds,
      seconds: (performance.now() - started) / 1000,
      rows,
      claims,
      passed: claims.every(({ passed }) => passed),
      problems: world.control.reported?.problems ?? [],
    };
  } finally {
    await world.stop();
    await judge.dispose();
  }
}

interface ShownHour {
  readonly probes: readonly ShownProbe[];
  readonly frames: number;
  readonly count: number;
  readonly promotions: number;
  readonly refusals: number;
  readonly personOfTrack: ReadonlyMap<number, number>;
}

/** Plays the crowd of an hour to the edge, frame after frame at the camera's rate. */
class Stage {
  readonly #pool: ProbePool;
  readonly #camera: FakeCamera;
  readonly #crowd = new Crowd(7);
  readonly #random = createRandom(11);
  readonly #personOfTrack = new Map<number, number>();
  #frame = 0;

  constructor(pool: ProbePool, camera: FakeCamera) {
    this.#pool = pool;
    this.#camera = camera;
  }

  async play(
    plan: DayHour,
    seconds: number,
    govern: () => { promotions: number; refusals: number },
  ): Promise<ShownHour> {
    const probes: ShownProbe[] = [];
    const total = { promotions: 0, refusals: 0 };
    const frames = Math.max(1, Math.round(seconds * rate));
    const begin = performance.now();
    for (let i = 0; i < frames; i++) {
      await until(begin + (i * 1000) / rate);
      probes.push(...(await this.#send(plan)));
      if (i % rate === 0) {
        const { promotions, refusals } = govern();
        total.promotions += promotions;
        total.refusals += refusals;
      }
    }
    return { probes, frames, count: probes.length, ...total, personOfTrack: this.#personOfTrack };
  }

  async #send(plan: DayHour): Promise<ShownProbe[]> {
    const { visitors, ended } = this.#crowd.advance(plan);
    const shown: ShownProbe[] = [];
    const crops: Uint8Array[] = [];
    const probes = visitors.map(({ trackId, person, light, age }) => {
      this.#personOfTrack.set(trackId, person);
      const picture = Math.floor(this.#random() * this.#pool.pictures);
      shown.push({ row: this.#pool.row(person, light, picture), person });
      crops.push(this.#pool.crop(person, light, picture).data);
      return probe(trackId, { box: { x: 20 + 12 * age, y: 40 + ((7 * trackId) % 200), width: 50, height: 56 } });
    });
    const message = frame({
      frameIndex: this.#frame++,
      sessionId: 'day',
      cropSize: this.#pool.size,
      probes,
      endedTracks: [...ended],
    });
    await this.#camera.send(message, crops);
    return shown;
  }
}

async function until(time: number): Promise<void> {
  const left = time - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

interface Measured {
  readonly plan: DayHour;
  readonly shown: ShownHour;
  readonly world: EnduranceWorld;
  readonly judge: ModelJudge;
}

async function measureHour({ plan, shown, world, judge }: Measured): Promise<HourRow> {
  const { control, edge, dir } = world;
  const samples = control.items('metrics').flatMap((batch) => batch.filter(({ scope }) => scope === 'edge'));
  const mean = (of: (values: (typeof samples)[number]['values']) => number | undefined) => {
    const values = samples.flatMap((sample) => of(sample.values) ?? []);
    return values.length === 0 ? null : values.reduce((a, b) => a + b, 0) / values.length;
  };
  const serving = world.serving();
  const [total, tracks, runs] = await Promise.all([
    folderSize(dir),
    folderSize(join(dir, 'tracks')),
    folderSize(join(dir, 'runs')),
  ]);
  const trainers = await Promise.all(edge.children().map(residentBytes));
  const row: HourRow = {
    hour: plan.hour,
    inView: plan.inView,
    newcomers: plan.present.filter((person) => person >= 10).length,
    frames: shown.frames,
    probes: shown.count,
    load: mean(({ load }) => load),
    batch: mean(({ batch }) => batch),
    batchShare: mean(({ batch, bMax }) => (batch !== undefined && bMax ? batch / bMax : undefined)),
    trainingSteps: samples.reduce((sum, { values }) => sum + (values.trainingSteps ?? 0), 0),
    version: serving.id,
    promotions: shown.promotions,
    refusals: shown.refusals,
    accuracy: await judge.compare(shown.probes, serving),
    named: namesOf(world, shown.personOfTrack),
    memory: { edge: await residentBytes(edge.pid), trainer: trainers.reduce((a, b) => a + b, 0) },
    disk: { total: total.bytes, tracks: tracks.bytes, runs: runs.bytes, trackFiles: tracks.files },
  };
  // What was looked at is let go: a day of events with their pictures would fill this process.
  for (const [id, { kind }] of control.stored) if (kind === 'metrics' || kind === 'event') control.stored.delete(id);
  return row;
}

/** How the names of ended tracks compare with who they were. */
function namesOf({ control }: EnduranceWorld, personOfTrack: ReadonlyMap<number, number>): HourRow['named'] {
  const last = new Map<string, { trackId: number; identityId: string | null; ended: boolean }>();
  for (const event of control.items('event')) last.set(event.id, event);
  const named = { right: 0, wrong: 0, unknown: 0 };
  for (const { trackId, identityId, ended } of last.values()) {
    const person = personOfTrack.get(trackId);
    if (!ended || person === undefined) continue;
    if (identityId === null) named.unknown += 1;
    else if (isEnrolled(person) && personOf(identityId) === person) named.right += 1;
    else named.wrong += 1;
  }
  return named;
}
