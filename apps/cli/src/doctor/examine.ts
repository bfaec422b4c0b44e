import type { EngineChoice, ProbeProvider } from '@saface/engine';
import type { Check } from './check.ts';
import { checkHome, checkModels, checkPostgres } from './data.ts';
import { checkEngine, type EngineState, listEngines } from './engines.ts';
import { checkBinaries, checkClock, checkCores, checkDisk, checkMemory, checkNode } from './machine.ts';

export interface Examination {
  /** The product can run on this machine. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly engines: readonly EngineState[];
}

export interface Subject {
  readonly home: string;
  readonly models: string;
  /** The checkout. */
  readonly root: string;
  readonly path: string;
  readonly engine: EngineChoice;
  /** Servers that are given and need not be installed. */
  readonly external: { readonly postgres: boolean; readonly redis: boolean };
  readonly probe?: ProbeProvider;
}

/** Looks at everything that SaFace needs to run; changes nothing. */
export async function examine({ home, models, root, path, engine, external, probe }: Subject): Promise<Examination> {
  const checks = [
    checkNode(process.versions.node),
    checkMemory(),
    checkCores(),
    await checkDisk(home),
    checkClock(Date.now()),
    ...checkBinaries(path, external),
    checkPostgres(root, external.postgres),
    ...(await checkHome(home)),
    ...(await checkModels(models)),
    await checkEngine(engine, probe),
  ];
  return { ok: checks.every(({ status }) => status !== 'fail'), checks, engines: await listEngines(probe) };
}
