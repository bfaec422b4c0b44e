import { createRandom, embeddingDistance, type InputSpec, SafaceError, type TemplateAlignment } from '@saface/core';
import { createOrtExtractor } from '../../training/ort-extractor.ts';
import { normalisations, type TemplateName, type Triple, templateNames, templatePoints } from './input-options.ts';
import { type ProbeFace, probeCrops, viewsPerFace } from './probe-faces.ts';

type Metric = 'euclidean' | 'cosine';

/** One way to feed the recogniser, and how well it then tells people apart. */
export interface InputCandidate {
  readonly normalisation: string;
  readonly mean: Triple;
  readonly scale: Triple;
  readonly channels: 'rgb' | 'bgr';
  readonly template: TemplateName;
  /** Distance between the means of genuine and impostor pairs in standard deviations (d'). */
  readonly separation: number;
}

/** How the input was settled. */
export interface ProbeReport {
  /** Where each part comes from. */
  readonly settled: Readonly<Record<'normalisation' | 'channels' | 'template', 'declared' | 'probed'>>;
  /** All that was tried, best first. */
  readonly candidates: readonly InputCandidate[];
  /** Share of resamplings of the people in which the choice stays the best, 0..1; 1 for what was declared. */
  readonly confidence: Readonly<Record<'normalisation' | 'channels' | 'template', number>>;
  readonly faces: number;
  /** Distance that one in a hundred impostor pairs stays below. */
  readonly threshold: number;
}

export interface Declared {
  readonly mean?: Triple;
  readonly scale?: Triple;
  readonly channels?: 'rgb' | 'bgr';
  readonly template?: TemplateName;
}

export interface ProbeTask {
  /** The whole recogniser in normal form. */
  readonly onnx: Uint8Array;
  readonly size: number;
  /** Floating-point operations of one face; bounds how many faces are tried. */
  readonly flops: number;
  readonly metric: Metric;
  readonly faces: readonly ProbeFace[];
  readonly threads?: number;
}

/** Work that probing may cost, in floating-point operations: some ten seconds on two cores. */
const BUDGET = 1.5e12;
const RESAMPLINGS = 200;
const IMPOSTOR_SHARE = 0.01;

type Feeding = Omit<InputCandidate, 'separation'>;
interface Trial extends InputCandidate {
  readonly distances: Distances;
}

/**
 * Finds out how a recogniser wants its faces by trying: the way that separates views of one face from other faces best is
 * the one it was trained with. What is declared is not tried.
 */
export async function probeInput(
  task: ProbeTask,
  declared: Declared,
): Promise<{ input: Feeding; report: ProbeReport }> {
  const feedings = candidates(declared);
  const affordable = Math.floor(BUDGET / (task.flops * feedings.length * viewsPerFace));
  const faces = task.faces.slice(0, Math.max(8, affordable));
  if (new Set(faces.map(({ person }) => person)).size < 2) throw tooFew();
  const trials: Trial[] = [];
  for (const feeding of feedings) trials.push(await tryOut({ ...task, faces }, feeding));
  const best = () => trials.sort((a, b) => b.separation - a.separation)[0]!;
  const first = best();
  if (declared.template === undefined) {
    for (const template of templateNames.filter((name) => name !== first.template))
      trials.push(await tryOut({ ...task, faces }, { ...first, template }));
  }
  const chosen = best();
  if (!(chosen.separation > 0)) throw deaf(chosen.separation);
  const { distances, separation: _, ...input } = chosen;
  const rivals = (part: 'normalisation' | 'channels' | 'template') =>
    trials.filter((trial) => trial[part] !== chosen[part]);
  const how = (given: boolean) => (given ? 'declared' : 'probed');
  return {
    input,
    report: {
      settled: {
        normalisation: how(declared.mean !== undefined || declared.scale !== undefined),
        channels: how(declared.channels !== undefined),
        template: how(declared.template !== undefined),
      },
      candidates: trials.map(({ distances: __, ...candidate }) => candidate),
      confidence: {
        normalisation: confidence(chosen, rivals('normalisation')),
        channels: confidence(chosen, rivals('channels')),
        template: confidence(chosen, rivals('template')),
      },
      faces: faces.length,
      threshold: impostorQuantile(distances),
    },
  };
}

function candidates({ mean, scale, channels, template = 'arcface' }: Declared): Feeding[] {
  const orders = channels ? [channels] : (['rgb', 'bgr'] as const);
  if (mean || scale) {
    const declared = { normalisation: 'declared', mean: mean ?? [0, 0, 0], scale: scale ?? [1, 1, 1] } as const;
    return orders.map((order) => ({ ...declared, channels: order, template }));
  }
  const reversed = ([a, b, c]: Triple): Triple => [c, b, a];
  return normalisations.flatMap(({ name, mean: m, scale: s }) =>
    orders.map((order) => ({
      normalisation: name,
      mean: order === 'rgb' ? m : reversed(m),
      scale: order === 'rgb' ? s : reversed(s),
      channels: order,
      template,
    })),
  );
}

/** Pair distances, person by person, so that people can be resampled. */
interface Distances {
  readonly people: number;
  readonly genuine: readonly (readonly number[])[];
  /** Of persons a < b, at a * people + b. */
  readonly impostor: readonly (readonly number[])[];
}

async function tryOut({ onnx, size, metric, faces, threads }: ProbeTask, feeding: Feeding): Promise<Trial> {
  const input: InputSpec = { size, channels: feeding.channels, mean: feeding.mean, scale: feeding.scale };
  const alignment: TemplateAlignment = { size, template: templatePoints(feeding.template, size) };
  const shown = probeCrops(faces, alignment);
  const extractor = await createOrtExtractor(onnx, { input, threads });
  try {
    const embeddings = await extractor.extract(shown.map(({ crop }) => crop));
    const dimension = embeddings.length / shown.length;
    const distances = measure(
      shown.map(({ person }, i) => ({ person, embedding: embeddings.subarray(i * dimension, (i + 1) * dimension) })),
      metric,
    );
    const everyone = Array.from({ length: distances.people }, (_, person) => person);
    return { ...feeding, distances, separation: separation(distances, everyone) };
  } finally {
    await extractor.dispose();
  }
}

function measure(rows: readonly { person: string; embedding: Float32Array }[], metric: Metric): Distances {
  const names = [...new Set(rows.map(({ person }) => person))];
  const genuine: number[][] = names.map(() => []);
  const impostor: number[][] = Array.from({ length: names.length ** 2 }, () => []);
  rows.forEach((a, i) => {
    for (const b of rows.slice(i + 1)) {
      const distance = embeddingDistance(a.embedding, b.embedding, metric);
      const [p, q] = [names.indexOf(a.person), names.indexOf(b.person)].sort((x, y) => x - y) as [number, number];
      if (p === q) genuine[p]!.push(distance);
      else impostor[p * names.length + q]!.push(distance);
    }
  });
  return { people: names.length, genuine, impostor };
}

/** d' over the pairs of the people named; a person named twice counts twice. */
function separation({ people, genuine, impostor }: Distances, chosen: readonly number[]): number {
  const same = moments(chosen.map((person) => genuine[person]!));
  const other = moments(
    chosen.flatMap((a, i) => chosen.slice(i + 1).map((b) => impostor[Math.min(a, b) * people + Math.max(a, b)]!)),
  );
  const spread = Math.sqrt((same.variance + other.variance) / 2);
  const gap = other.mean - same.mean;
  return spread > 1e-9 && Number.isFinite(gap) ? gap / spread : 0;
}

function moments(groups: readonly (readonly number[])[]): { mean: number; variance: number } {
  let [count, sum, squares] = [0, 0, 0];
  for (const group of groups) {
    for (const value of group) {
      count++;
      sum += value;
      squares += value * value;
    }
  }
  return { mean: sum / count, variance: Math.max(0, squares / count - (sum / count) ** 2) };
}

/** The same people, drawn anew, judge the choice and its rivals. */
function confidence(chosen: Trial, rivals: readonly Trial[]): number {
  if (rivals.length === 0) return 1;
  const random = createRandom(7);
  const { people } = chosen.distances;
  let won = 0;
  for (let round = 0; round < RESAMPLINGS; round++) {
    const drawn = Array.from({ length: people }, () => Math.floor(random() * people));
    const own = separation(chosen.distances, drawn);
    if (rivals.every((rival) => separation(rival.distances, drawn) < own)) won++;
  }
  return won / RESAMPLINGS;
}

function impostorQuantile({ impostor }: Distances): number {
  const all = impostor.flat().sort((a, b) => a - b);
  return all[Math.floor(all.length * IMPOSTOR_SHARE)]!;
}

function tooFew(): SafaceError {
  return new SafaceError(
    'invalid-input',
    'There are fewer than two people to try the recogniser on',
    'Give pictures of at least two people.',
  );
}

function deaf(separation: number): SafaceError {
  return new SafaceError(
    'unsupported',
    `The model does not tell faces apart, however they are fed to it (separation ${separation.toFixed(2)})`,
    'Check that the file is a face recogniser, or declare its input with --mean, --scale, --channels and --template.',
  );
}
