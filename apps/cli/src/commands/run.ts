import { resolve } from 'node:path';
import { SafaceError, stepsOf, tripletsOf } from '@saface/core';
import { createFrameSource } from '@saface/media';
import type { Command } from 'commander';
import { errorCut, verify } from '../offline/evaluate.ts';
import { type GalleryFolder, readGalleryFolder } from '../offline/gallery-folder.ts';
import { type IdentifiedTrack, identifyTracks } from '../offline/identify.ts';
import { learnFromObservation } from '../offline/learn.ts';
import { type Observation, observe } from '../offline/observe.ts';
import { type CutRecogniser, openLearner, openRecogniser } from '../offline/recogniser.ts';
import { labelFaces, scoreDetection, trackPurity } from '../offline/score-detection.ts';
import { readTruth, type Truth } from '../offline/truth.ts';
import { writeResults } from '../offline/write-results.ts';
import { printResult, progress, reportFailure, table } from '../output.ts';

interface RunOptions {
  readonly video: string;
  readonly truth?: string;
  readonly gallery?: string;
  readonly recogniser: string;
  readonly detector: string;
  readonly cut?: string;
  readonly learn: boolean;
  readonly out: string;
  readonly json: boolean;
}

/** The paper's split by time: five parts to learn from, the sixth to test on. */
const LEARNING_SHARE = 5 / 6;

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('one video, offline: detect, track, recognise, learn, report')
    .requiredOption('--video <file>', 'a video file, a stream address, or a folder of pictures')
    .requiredOption('--out <dir>', 'where the results are written')
    .option('--gallery <dir>', 'people to recognise: <dir>/<person>/<pictures>')
    .option('--recogniser <name>', 'a recogniser of the model library', 'default')
    .option('--detector <name>', 'a detector of the model library, or an .onnx file', 'default')
    .option(
      '--learn',
      'adapt the last two thirds of the model (or what lies behind --cut) to the first five sixths of the video, without labels',
      false,
    )
    .option('--cut <tensor>', 'where the part that can learn begins (see `saface models cuts`); default: chosen')
    .option('--truth <csv>', 'labels (frame,person,x,y,width,height) to measure with; learning never sees them')
    .option('--json', 'print one JSON object', false)
    .action(async (options: RunOptions) => {
      const report = await run(options);
      printResult(report, { json: options.json, text: () => describe(report) });
      // Everything that could be done was done; a script still learns that a file was damaged.
      if (report.problem || report.gallery?.refused.some(({ kind }) => kind === 'unreadable')) process.exitCode = 2;
    });
}

type Report = Awaited<ReturnType<typeof run>>;

async function run(options: RunOptions) {
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  const { signal } = interrupted;
  // What can be refused at once is refused before the long work.
  const truth = options.truth ? await readTruth(options.truth) : null;
  const recogniser = await openRecogniser(options.recogniser, { forRecording: options.learn, cut: options.cut });
  const { spec, cut, extractor, baseLearner } = recogniser;
  const { detector } = options;
  const gallery = options.gallery ? await readGalleryFolder(options.gallery, { spec, extractor, detector }) : null;
  for (const { file, reason, remedy } of gallery?.refused ?? [])
    progress(`✖ ${reason}\n  ${remedy}${reason.includes(file) ? '' : ` (${file})`}`);
  if (gallery?.passedOver.length) progress(describePassedOver(gallery.passedOver));

  progress(`Watching ${options.video}`);
  const observation = await observe(createFrameSource(options.video), {
    spec,
    extractor,
    detector,
    signal,
    toLearn: options.learn,
    keptIn: options.out,
    onFrame: everyHundred,
  });
  if (signal.aborted)
    throw new SafaceError('unavailable', 'Interrupted', 'Run the command again; nothing was written.');
  if (observation.problem) reportFailure(observation.problem);
  progress(`  ${observation.frames} frames, ${observation.probes.length} faces in ${countTracks(observation)} tracks`);

  const base = await openLearner(baseLearner);
  const learnt = options.learn ? await learn(observation, { recogniser, signal }) : null;
  const learner = learnt?.adaptation.verdict.passed ? await openLearner(learnt.learner) : base;
  const threshold = (learner !== base && learnt?.adaptation.threshold) || spec.defaultThreshold;
  const tracks = gallery ? await identifyTracks(observation, gallery, { learner, spec, threshold }) : null;

  const report = {
    video: options.video,
    out: resolve(options.out),
    problem: observation.problem && { message: observation.problem.message, remedy: observation.problem.remedy },
    frames: observation.frames,
    faces: observation.probes.length,
    tracks: countTracks(observation),
    model: { name: spec.name, cut, detector, threshold },
    detection: truth ? measureDetection(observation, truth) : null,
    learning: learnt?.summary ?? null,
    verification: truth
      ? await measureVerification(observation, truth, {
          spec,
          base,
          candidate: learnt ? await openLearner(learnt.learner) : null,
        })
      : null,
    gallery: gallery && tracks ? summariseGallery(gallery, tracks) : null,
  };
  await writeResults(options.out, { report, observation, tracks, learner: learnt?.learner ?? null });
  await Promise.all([extractor.dispose(), observation.dispose()]);
  return report;
}

async function learn(
  observation: Observation,
  { recogniser, signal }: { recogniser: CutRecogniser; signal: AbortSignal },
) {
  const untilFrame = testBegins(observation);
  progress(`Learning from frames before ${untilFrame}, without labels`);
  const started = performance.now();
  const learnt = await learnFromObservation(observation, {
    ...recogniser,
    untilFrame,
    signal,
    onConsistency: ({ step, totalSteps, loss }) => {
      if (step % 10 !== 0 && step !== totalSteps) return;
      progress(`  altered copies, step ${step} of ${totalSteps}: ${loss.toFixed(4)} from each other`);
    },
    onProgress: ({ step, totalSteps, loss, activeShare, score }) => {
      // A training on all tracks has none to be scored by.
      if (score === null && step % 8 !== 0 && step !== totalSteps) return;
      const heldOut = score === null ? '' : `, held-out accuracy ${(score * 100).toFixed(2)} %`;
      progress(
        `  step ${step} of ${totalSteps}: loss ${loss.toFixed(4)}, ${(activeShare * 100).toFixed(0)} % active${heldOut}`,
      );
    },
  });
  const { crossFit, verdict, threshold } = learnt.adaptation;
  progress(`  ${verdict.reason}`);
  const summary = {
    untilFrame,
    tracks: crossFit.tracks,
    heldOutTracks: crossFit.judged.tracks.length,
    triplets: tripletsOf(crossFit),
    steps: stepsOf(crossFit),
    trainings: crossFit.trainings.map(({ consistencySteps, steps, stopped }) => ({ consistencySteps, steps, stopped })),
    consistent: crossFit.choice?.consistent ?? false,
    shareOfTheWay: crossFit.choice?.share ?? 0,
    centring: crossFit.choice?.centring ?? null,
    whitening: crossFit.choice?.whitening ?? null,
    seconds: (performance.now() - started) / 1000,
    threshold,
    verdict,
  };
  return { ...learnt, summary };
}

function measureDetection(observation: Observation, truth: Truth) {
  const labels = labelFaces(observation.probes, truth);
  const { recall, labelledFaces, minSize } = scoreDetection(observation.probes, truth);
  return { recall, labelledFaces, minSize, trackPurity: trackPurity(observation.probes, labels) };
}

type Learners = {
  spec: CutRecogniser['spec'];
  base: Awaited<ReturnType<typeof openLearner>>;
  candidate: Awaited<ReturnType<typeof openLearner>> | null;
};

/** On the last sixth, which learning never saw. */
async function measureVerification(observation: Observation, truth: Truth, { spec, base, candidate }: Learners) {
  const labels = labelFaces(observation.probes, truth);
  const fromFrame = testBegins(observation);
  const before = await verify(observation, labels, { learner: base, spec, fromFrame });
  const after = candidate ? await verify(observation, labels, { learner: candidate, spec, fromFrame }) : null;
  return { fromFrame, before, after, errorCut: after ? errorCut(before.accuracy, after.accuracy) : null };
}

function summariseGallery(
  { people, pictures, refused, passedOver }: GalleryFolder,
  tracks: readonly IdentifiedTrack[],
) {
  const found = people.map((person) => ({
    person,
    tracks: tracks.filter((t) => t.person === person).map((t) => t.trackId),
  }));
  return {
    enrolled: people.length,
    pictures: pictures.length,
    refused,
    passedOver,
    found: found.filter((f) => f.tracks.length > 0),
    missing: found.filter((f) => f.tracks.length === 0).map((f) => f.person),
    unknownTracks: tracks.filter((t) => t.decision === 'unknown').length,
    tracks,
  };
}

function describePassedOver(files: readonly string[]): string {
  const [first, ...others] = files;
  return others.length === 0
    ? `  "${first}" is not a picture and was passed over`
    : `  ${files.length} files in the gallery are not pictures and were passed over, the first: "${first}"`;
}

function testBegins({ probes, frames }: Observation): number {
  const last = Math.max(frames - 1, ...(probes.length > 0 ? [probes[probes.length - 1].frame] : []));
  return Math.round((last + 1) * LEARNING_SHARE);
}

function countTracks({ probes }: Observation): number {
  return new Set(probes.map((p) => p.trackId)).size;
}

function everyHundred(frames: number): void {
  if (frames % 100 === 0) progress(`  ${frames} frames`);
}

function describe(report: Report): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  const parts = [`${report.frames} frames, ${report.faces} faces, ${report.tracks} tracks; results in ${report.out}`];
  if (report.detection) {
    const { recall, labelledFaces, minSize, trackPurity: purity } = report.detection;
    parts.push(
      `Detection recall ${percent(recall)} on ${labelledFaces} labelled faces of at least ${minSize} px; track purity ${percent(purity)}`,
    );
  }
  if (report.learning) parts.push(report.learning.verdict.reason);
  if (report.verification) {
    const { before, after } = report.verification;
    const row = (name: string, pick: (of: typeof before) => number) => [
      name,
      percent(pick(before)),
      after ? percent(pick(after)) : '–',
    ];
    parts.push(
      table([
        ['last sixth of the video', 'before', 'after'],
        row('verification accuracy', (f) => f.accuracy),
        row('TAR at FAR 1e-2', (f) => f.tar_at_far_1e2),
        row('area under the curve', (f) => f.auc),
      ]),
    );
  }
  if (report.gallery) {
    const { enrolled, found, missing, unknownTracks } = report.gallery;
    parts.push(
      `${enrolled} people enrolled; found ${found.map((f) => `${f.person} (${f.tracks.length})`).join(', ') || 'nobody'}; ${unknownTracks} tracks of unknown people`,
    );
    if (missing.length > 0) parts.push(`Not seen: ${missing.join(', ')}`);
  }
  return parts.join('\n\n');
}
