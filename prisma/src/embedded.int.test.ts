import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { freePort } from './testing.ts';

describe('startEmbeddedPostgres', () => {
  let folder: string;
  let dataDir: string;
  let port: number;
  let server: EmbeddedPostgres | null = null;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saface-embedded-'));
    await chmod(folder, 0o755);
    dataDir = join(folder, 'data');
    port = await freePort();
    server = await startEmbeddedPostgres({ dataDir, port });
    await query('CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
  });
  afterAll(async () => {
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function query(sql: string) {
    const client = new pg.Client({ connectionString: server!.url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('keeps what was committed when the server is killed', async () => {
    process.kill(server!.pid, 'SIGKILL');
    await server!.exited;
    server = await startEmbeddedPostgres({ dataDir, port });
    expect(await query('SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('takes over from a server that a killed parent left running', async () => {
    const left = server!;
    server = await startEmbeddedPostgres({ dataDir, port });
    await left.exited;
    expect(server.pid).not.toBe(left.pid);
    expect(await query('SELECT n FROM kept')).toEqual([{ n: 7 }]);
  });

  it('says on which port it did not start, and why', async () => {
    const other = { dataDir: join(folder, 'other'), port };
    await expect(startEmbeddedPostgres(other)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining(`port ${port}`),
    });
  });
});
