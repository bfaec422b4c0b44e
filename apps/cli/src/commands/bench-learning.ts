import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import type { Command } from 'commander';
import { ablations } from '../experiments/ablations.ts';
import { type CleaningReport, cleaning } from '../experiments/cleaning.ts';
import { type FoldsReport, folds } from '../experiments/folds.ts';
import { type FreezeReport, freeze } from '../experiments/freeze.ts';
import { freezeCharts } from '../experiments/freeze-charts.ts';
import { type GateCheckReport, gateCheck } from '../experiments/gate-check.ts';
import type { LearningChange } from '../experiments/learn-cell.ts';
import { modelNames } from '../experiments/models.ts';
import { compareModes, type ModesReport } from '../experiments/modes.ts';
import { sceneNames, TUNING_WORLD } from '../experiments/scenes.ts';
import { type Table1Report, table1 } from '../experiments/table1.ts';
import { writeWhole } from '../offline/write-results.ts';
import { printResult, progress, table } from '../output.ts';
import { addCentring } from './bench-centring.ts';
import { type FoldsFlags, foldsCommand, foldsPlan, names, numbers } from './bench-options.ts';

interface ListOptions {
  readonly models: string;
  readonly scenarios: string;
  readonly seeds: string;
  readonly json: boolean;
}

/** Experiments on what learning gains. Finished parts are kept in SAFACE_HOME/experiments, so an interrupted run goes on. */
export function addLearningBenches(bench: Command): void {
  addCleaning(bench);
  addCentring(bench);
  addFolds(bench);
  addGate(bench);
  bench
    .command('table1')
    .description('accuracy before and after learning without labels: recognisers by scenes (Table 1 of the paper)')
    .option('--models <names>', 'which recognisers', modelNames.join(','))
    .option('--scenarios <names>', 'which scenes', sceneNames.join(','))
    .option('--seeds <numbers>', 'a simulated world and a training run for each', '1,2,3')
    .option('--passes <n>', 'go on learning so many times with the first seed, the gate deciding each time', '1')
    .option('--ablations', 'also measure each part of learning switched off alone, with the first seed', false)
    .option('--json', 'print one JSON object', false)
    .action(async (options: ListOptions & { passes: string; ablations: boolean }) => {
      const report = await table1({
        models: names(options.models, modelNames, 'recogniser'),
        scenes: names(options.scenarios, sceneNames, 'scene'),
        seeds: numbers(options.seeds, 'seeds'),
        passes: numbers(options.passes, 'passes')[0],
        ablations: options.ablations,
      });
      printResult(report, { json: options.json, text: () => describeTable1(report) });
    });

  bench
    .command('freeze')
    .description('accuracy against training speed by how many layers are frozen (Figures 7 and 8 of the paper)')
    .option('--depths <numbers>', 'convolution layers frozen', '0,4,8,12,16')
    .option('--scenarios <names>', 'which simulated scenes', 'corridor,entrance')
    .option('--seeds <numbers>', 'worlds and training runs; speed is measured in the first', '1,2,3')
    .option('--out <dir>', 'write the figures there as SVG')
    .option('--json', 'print one JSON object', false)
    .action(async (options: { depths: string; scenarios: string; seeds: string; out?: string; json: boolean }) => {
      const report = await freeze({
        model: 'sphere20',
        depths: numbers(options.depths, 'depths'),
        scenes: names(options.scenarios, ['corridor', 'entrance'], 'simulated scene'),
        seeds: numbers(options.seeds, 'seeds'),
      });
      const figures = options.out ? await writeFigures(options.out, report) : [];
      printResult({ ...report, figures }, { json: options.json, text: () => describeFreeze(report) });
    });

  bench
    .command('modes')
    .description('always-on against periodic learning: accuracy over time, compute, probes needed')
    .option('--model <name>', 'which recogniser', 'resnet')
    .option('--scenarios <names>', 'which scenes', 'corridor,entrance')
    .option('--seed <n>', 'world and training run', '1')
    .option('--json', 'print one JSON object', false)
    .action(async (options: { model: string; scenarios: string; seed: string; json: boolean }) => {
      const report = await compareModes({
        model: names(options.model, modelNames, 'recogniser')[0],
        scenes: names(options.scenarios, sceneNames, 'scene'),
        seed: numbers(options.seed, 'seed')[0],
      });
      printResult(report, { json: options.json, text: () => describeModes(report) });
    });
}

type TrainingFlags = FoldsFlags & { readonly seed: string };

/** A command that trains on folds of one recogniser on one scene. */
const trainingCommand = (...command: Parameters<typeof foldsCommand>) =>
  foldsCommand(...command).option('--seed <n>', 'training run', '1');

function trainingPlan(options: TrainingFlags) {
  const { counts, ...plan } = foldsPlan(options);
  return { ...plan, folds: counts[0], seed: numbers(options.seed, 'seed')[0] };
}

function addFolds(bench: Command): void {
  const description =
    'accuracy before and after learning on parts of the first five sixths that it did not see, to choose settings by';
  trainingCommand(bench, 'folds', { model: 'resnet', description })
    .option('--frozen <n>', 'convolutions to freeze at most; default: as the scene is learnt from otherwise')
    .option('--ablation <row>', 'learn as a row of the ablations of `bench table1` does')
    .action(async ({ frozen, ablation, ...options }: TrainingFlags & { frozen?: string; ablation?: string }) => {
      const cut = frozen === undefined ? undefined : numbers(frozen, 'frozen')[0];
      const change = ablation === undefined ? undefined : ablationNamed(ablation);
      const report = await folds({ ...trainingPlan(options), cut, change });
      printResult(report, { json: options.json, text: () => describeFolds(report) });
    });
}

function ablationNamed(name: string): LearningChange {
  const found = ablations[name];
  if (found) return found;
  const known = Object.keys(ablations).map((row) => `"${row}"`);
  throw new SafaceError('invalid-input', `There is no ablation "${name}"`, `Name one of: ${known.join(', ')}.`);
}

function describeFolds({ folds: found, before, after, errorCut }: FoldsReport): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  const rows = found.map((fold) => [
    fold.frames.join('–'),
    String(fold.tracks),
    percent(fold.before.accuracy),
    percent(fold.after.accuracy),
    `${percent(fold.share)}${fold.whitened ? ', whitened' : ''}`,
    fold.labelFreeCut === null ? '–' : percent(fold.labelFreeCut),
    fold.passed ? 'passed' : 'held back',
  ]);
  const head = [
    'frames',
    'tracks learnt from',
    'before',
    'after',
    'share of the way',
    'error cut without labels',
    'gate',
  ];
  return `${table([head, ...rows])}\nmean ${percent(before)} before, ${percent(after)} after, error cut ${percent(errorCut)}`;
}

function addGate(bench: Command): void {
  const description = 'what the gate lets through on folds of the first five sixths, held against their labels';
  trainingCommand(bench, 'gate', { model: 'mobilefacenet', description })
    .option('--confidences <shares>', "of the gate's interval", '0.6,0.8,0.9')
    .option('--floors <shares>', 'of the error that must go', '0.03,0.05,0.1')
    .action(async (options: TrainingFlags & { readonly confidences: string; readonly floors: string }) => {
      const report = await gateCheck({
        ...trainingPlan(options),
        confidences: shares(options.confidences, 'confidences'),
        floors: shares(options.floors, 'floors'),
      });
      printResult(report, { json: options.json, text: () => describeGate(report) });
    });
}

function describeGate({ states, better, worse, rules }: GateCheckReport): string {
  const head = ['confidence', 'error cut wanted', 'promoted', 'of them better', 'worse', 'mean gain'];
  const rows = rules.map((rule) => [
    `${(rule.confidence * 100).toFixed(0)} %`,
    `${(rule.floor * 100).toFixed(0)} %`,
    String(rule.promoted),
    String(rule.better),
    String(rule.worse),
    `${(rule.meanGain * 100).toFixed(2)} points`,
  ]);
  return `${states} states, of which labels call ${better} better and ${worse} worse\n${table([head, ...rows])}`;
}

function addCleaning(bench: Command): void {
  bench
    .command('cleaning')
    .description('what the rules that clean tracks do on a simulated scene, held against its labels')
    .option('--model <name>', 'which recogniser', 'resnet')
    .option('--scenario <name>', 'which scene', 'corridor')
    .option('--world <n>', 'seed of the simulated world; tables report worlds 7, 8 and 9', String(TUNING_WORLD))
    .option('--json', 'print one JSON object', false)
    .action(async (options: { model: string; scenario: string; world: string; json: boolean }) => {
      const report = await cleaning({
        model: names(options.model, modelNames, 'recogniser')[0],
        scene: names(options.scenario, sceneNames, 'scene')[0],
        world: numbers(options.world, 'worlds')[0],
      });
      printResult(report, { json: options.json, text: () => describeCleaning(report) });
    });
}

function describeCleaning({ patience, tracksBefore, tracksAfter, actions }: CleaningReport): string {
  const people = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .map(([person, count]) => `${person} ${count}`)
      .join(', ') || 'no label';
  return [
    ...patience.map(
      (t) => `patience ${t.patience} ms: ${t.tracks} tracks of ${t.probes} probes, purity ${t.purity.toFixed(4)}`,
    ),
    `${tracksBefore} tracks before, ${tracksAfter} after`,
    ...actions.map((a) => `${a.action} ${a.tracks.join(' + ')}: ${a.detail} (${a.people.map(people).join(' + ')})`),
  ].join('\n');
}

function shares(list: string, what: string): number[] {
  return list.split(',').map((text) => {
    const value = Number(text);
    if (value > 0 && value < 1) return value;
    throw new SafaceError(
      'invalid-input',
      `"${text}" is no share for ${what}`,
      'Give numbers between 0 and 1, such as 0.8.',
    );
  });
}

async function writeFigures(dir: string, report: FreezeReport): Promise<string[]> {
  await mkdir(dir, { recursive: true });
  const paths: string[] = [];
  for (const { name, svg } of freezeCharts(report)) {
    const path = join(dir, `${name}.svg`);
    await writeWhole(path, svg);
    progress(`  ${path}`);
    paths.push(path);
  }
  return paths;
}

const percent = (share: number) => `${(share * 100).toFixed(2)} %`;

function describeTable1({ cells, summary, passes, ablations }: Table1Report): string {
  const interval = ({ low, high }: { low: number | null; high: number | null }) =>
    low === null || high === null ? '–' : `${percent(low)} to ${percent(high)}`;
  const parts = [
    table([
      ['recogniser, scene', 'before', 'after', '95 % interval', 'error cut', 'TAR@FAR 1e-2'],
      ...cells.map((c) => [
        `${c.model}, ${c.scene}`,
        percent(c.before.mean),
        percent(c.after.mean),
        interval(c.after),
        percent(c.errorCut),
        `${c.tarAtFar1e2.before.toFixed(3)} -> ${c.tarAtFar1e2.after.toFixed(3)}`,
      ]),
    ]),
    `${summary.improved} of ${summary.cells} cells improved; mean error cut ${percent(summary.meanErrorCut)}`,
  ];
  if (passes) {
    parts.push(
      table([
        [
          `${passes.passes} passes`,
          'base',
          'served',
          'promoted',
          'worst vs parent',
          'worst vs base',
          'naive',
          'rank corr.',
          'by both',
          'of candidates',
          'corr.',
        ],
        ...passes.cells.map((c) => [
          `${c.model}, ${c.scene}`,
          percent(c.base),
          percent(c.last),
          `${c.promotions} of ${c.candidates}`,
          percent(c.worstAgainstParent),
          percent(c.worstAgainstBase),
          `${c.worstNaive === null ? '–' : percent(c.worstNaive)}${c.naiveAstray === null ? '' : `, astray in pass ${c.naiveAstray}`}`,
          c.rankCorrelations.heldOut?.toFixed(2) ?? '–',
          c.rankCorrelations.both?.toFixed(2) ?? '–',
          c.rankCorrelationOfCandidates?.toFixed(2) ?? '–',
          c.correlation?.toFixed(2) ?? '–',
        ]),
      ]),
      table([
        ['rank correlation with labelled accuracy', 'all versions', 'as gains over the base', 'within a cell'],
        ...(
          [
            ['held-out tracks', 'heldOut'],
            ['tracks seen since', 'unseen'],
            ['both', 'both'],
          ] as const
        ).map(([name, judge]) => {
          const { ofScores, ofGains, meanOfCells } = passes.rankCorrelations[judge];
          return [name, ...[ofScores, ofGains, meanOfCells].map((value) => value?.toFixed(2) ?? '–')];
        }),
      ]),
    );
  }
  if (ablations)
    parts.push(table([['ablation', 'mean error cut'], ...ablations.map((a) => [a.name, percent(a.mean)])]));
  return parts.join('\n\n');
}

function describeFreeze({ rows, summary }: FreezeReport): string {
  const lines = summary.map(
    ({ scene, lossPoints, speedUp, speedUpUncached }) =>
      `${scene}: freezing 12 loses ${lossPoints?.toFixed(2) ?? '–'} points and is ${speedUp?.toFixed(2) ?? '–'} times as fast (${speedUpUncached?.toFixed(2) ?? '–'} without the cache)`,
  );
  return [
    table([
      ['scene, layers frozen', 'before', 'after', 'steps/s', 'without cache'],
      ...rows.map((r) => [
        `${r.scene}, ${r.frozen}`,
        percent(r.before),
        percent(r.after),
        r.stepsPerSecond.cached.toFixed(2),
        r.stepsPerSecond.uncached.toFixed(2),
      ]),
    ]),
    ...lines,
  ].join('\n\n');
}

function describeModes({ runs }: ModesReport): string {
  return table([
    ['scene, mode', 'before', 'after', 'over time', 'promoted', 'steps', 'seconds', 'probes to gain'],
    ...runs.map((r) => [
      `${r.scene}, ${r.mode}`,
      percent(r.before),
      percent(r.after),
      percent(r.meanAccuracy),
      String(r.promotions),
      String(r.steps),
      r.seconds.toFixed(0),
      r.probesToFirstGain === null ? '–' : String(r.probesToFirstGain),
    ]),
  ]);
}
