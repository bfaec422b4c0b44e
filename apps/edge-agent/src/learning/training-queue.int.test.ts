import { UnrecoverableError } from 'bullmq';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silent } from '../testing/fixtures.ts';
import { freePort, RedisServer } from '../testing/redis-server.ts';
import { TrainingQueue } from './training-queue.ts';

const run = { id: 'run', scenarioId: 'scenario' };

describe('TrainingQueue', () => {
  let server: RedisServer;
  let queue: TrainingQueue;
  let processed: string[];
  let givenUp: string[];
  let process: (runId: string) => Promise<void>;

  beforeEach(async () => {
    server = await RedisServer.start();
    processed = [];
    givenUp = [];
    process = async () => undefined;
    queue = build(server.url);
  });

  afterEach(async () => {
    await queue.close();
    await server.stop();
  });

  const build = (redisUrl: string) =>
    new TrainingQueue({
      redisUrl,
      agentId: 'edge-1',
      log: silent,
      process: async (runId) => {
        processed.push(runId);
        await process(runId);
      },
      onGivenUp: async (runId) => {
        givenUp.push(runId);
        throw new Error('The disk is full');
      },
    });

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** As the planner does: a job that is still at work is left alone. */
  async function addUntil(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await queue.add(run);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  it('does a run once while its job waits or is at work, however often it is added', async () => {
    let finish = () => {};
    process = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    await queue.add(run);
    await until(() => processed.length === 1);
    await queue.add(run);
    expect(processed).toEqual(['run']);
    finish();
  });

  it('does a run again whose job has ended though the run is open, as its end could not be written down', async () => {
    await queue.add(run);
    await addUntil(() => processed.length === 2);
    process = async () => {
      throw new UnrecoverableError('no');
    };
    await addUntil(() => givenUp.length === 2);
    expect(processed.length).toBeGreaterThanOrEqual(4);
  });

  it('says soon that Redis is away, also before the first connection', async () => {
    const away = build(`redis://127.0.0.1:${await freePort()}`);
    await expect(away.add(run)).rejects.toThrow('No answer within');
    await away.remove('run');
    await away.close();
  });
});
