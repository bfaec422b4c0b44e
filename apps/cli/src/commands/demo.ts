import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ScenarioName, scenarioNames } from '@saface/simulator';
import type { Command } from 'commander';
import { env, folders, repositoryRoot } from '../env.ts';
import { writeWhole } from '../offline/write-results.ts';
import { printResult, progress, table } from '../output.ts';
import { untilInterrupted, withStack } from '../stack/interrupt.ts';
import { Stack } from '../stack/stack.ts';
import { catchUp } from '../world/catch-up.ts';
import { ControlClient } from '../world/control-client.ts';
import { type DemoWorld, ensureDemoWorld } from '../world/demo-world.ts';
import { measureScenario, type ScenarioReport } from '../world/measure.ts';
import { learnOnce } from '../world/once.ts';
import { demoPeople, seedDemoWorld } from '../world/seed.ts';
import { enrolmentToken } from '../world/tokens.ts';

const EDGE = 'Harbour House edge';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('the whole stack with two simulated cameras, until Ctrl-C')
    .option('--once', 'run both scenarios to the end, print accuracy before and after, and exit', false)
    .option('--prepare', 'only render what the simulated cameras will see, and exit', false)
    .option('--json', 'with --once or --prepare: print one JSON object', false)
    .action(async ({ once, prepare, json }: { once: boolean; prepare: boolean; json: boolean }) => {
      const world = await ensureDemoWorld();
      if (prepare) return printResult({ folder: folders.worlds }, { json, text: () => `Rendered: ${folders.worlds}` });
      if (!once) return stay(world);
      const report = await runOnce(world);
      printResult(report, { json, text: () => describe(report.scenarios) });
    });
}

async function stay(world: DemoWorld): Promise<void> {
  const stack = await Stack.open({ home: env.home, onEvent: progress });
  await untilInterrupted(stack, async (signal) => {
    const playing = await begin(stack, world, { once: false });
    const { admin, operator } = demoPeople(stack);
    progress(
      `\nSaFace runs at ${stack.url}\n  ${admin.email}  ${admin.password}\n  ${operator.email}  ${operator.password}\n${playing.length === scenarioNames.length ? 'Both cameras are on the Live page. ' : ''}Ctrl-C stops everything.`,
    );
    await catchUp(await ControlClient.signIn(stack.url, admin), signal);
  });
}

async function runOnce(world: DemoWorld) {
  const started = performance.now();
  const stack = await Stack.open({ home: join(env.home, 'once'), throwaway: true, onEvent: progress });
  const scenarios = await withStack(stack, async (signal) => {
    await begin(stack, world, { once: true });
    const client = await ControlClient.signIn(stack.url, demoPeople(stack).admin);
    progress('Cameras are watching');
    const outcomes = await learnOnce({ client, signal, onProgress: progress });
    const reports: Record<string, ScenarioReport> = {};
    for (const scenario of scenarioNames) {
      const outcome = outcomes.find((o) => o.name.toLowerCase() === scenario);
      if (!outcome) throw new Error(`There is no scenario "${scenario}" in the control plane`);
      reports[scenario] = await measureScenario(scenario, { video: world.videos[scenario], outcome, client, stack });
    }
    return reports;
  });
  const cuts = Object.values(scenarios).map((s) => s.errorCut);
  const report = {
    scenarios,
    meanErrorCut: cuts.reduce((a, b) => a + b, 0) / cuts.length,
    seconds: (performance.now() - started) / 1000,
  };
  const dir = join(repositoryRoot, 'demo');
  mkdirSync(dir, { recursive: true });
  await writeWhole(join(dir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

/** Starts what the demo has, and returns the scenarios whose cameras play: what somebody has deleted stays away. */
async function begin(stack: Stack, world: DemoWorld, { once }: { once: boolean }): Promise<ScenarioName[]> {
  progress('Starting control plane, edge and cameras');
  const { hasEdge, cameras } = await seedDemoWorld(stack, world, { edgeName: EDGE, once });
  await stack.startControlPlane();
  if (hasEdge) await stack.startEdge({ name: EDGE, token: enrolmentToken(stack.secrets, 'edge') });
  else progress('  the edge was deleted and is not started');
  const playing = scenarioNames.filter((scenario) => cameras.some(({ key }) => key === scenario));
  for (const scenario of playing) {
    await stack.startCamera({
      name: `${scenario} camera`,
      token: enrolmentToken(stack.secrets, `camera-${scenario}`),
      key: scenario,
    });
  }
  for (const scenario of scenarioNames.filter((name) => !playing.includes(name)))
    progress(`  the ${scenario} camera was deleted and is not started`);
  return playing;
}

function describe(scenarios: Readonly<Record<string, ScenarioReport>>): string {
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  return table([
    ['scenario', 'before', 'after', 'error cut', 'TAR@FAR 1e-2 before', 'after', 'triplets', 'versions'],
    ...Object.entries(scenarios).map(([name, s]) => [
      name,
      percent(s.accuracyBefore),
      percent(s.accuracyAfter),
      percent(s.errorCut),
      percent(s.tar_at_far_1e2.before),
      percent(s.tar_at_far_1e2.after),
      String(s.triplets),
      s.versions.join(' → '),
    ]),
  ]);
}
