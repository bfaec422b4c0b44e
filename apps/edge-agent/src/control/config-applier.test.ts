import { Backoff } from '@saface/agent-kit';
import { describe, expect, it } from 'vitest';
import { edgeConfig, silent } from '../testing/fixtures.ts';
import { ConfigApplier } from './config-applier.ts';

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('ConfigApplier', () => {
  it('announces at once, tries again what could not be done, and then reports the revision', async () => {
    const log: string[] = [];
    const results = [false, true, true];
    let wake = () => {};
    const applier = new ConfigApplier({
      announce: ({ name }) => log.push(`announce ${name}`),
      tidy: async () => undefined,
      reconcile: async () => results.shift()!,
      onApplied: (_config, revision) => log.push(`applied ${revision}`),
      backoff: new Backoff({ first: 1000, random: () => 1 }),
      log: silent,
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          log.push(`sleep ${milliseconds}`);
          wake = resolve;
          signal?.addEventListener('abort', () => resolve());
        }),
    });
    applier.offer(edgeConfig({ name: 'one' }), 'r1');
    await tick();
    expect(log).toEqual(['announce one', 'sleep 1000']);
    expect(applier.revision).toBeNull();
    wake();
    await tick();
    expect(applier.revision).toBe('r1');
    applier.offer(edgeConfig({ name: 'two' }), 'r2');
    await tick();
    expect(log.slice(2)).toEqual(['applied r1', 'sleep 3600000', 'announce two', 'applied r2', 'sleep 3600000']);
    await applier.stop();
  });

  it('goes on to the newest configuration when one comes while another is being applied', async () => {
    const applied: string[] = [];
    let release = () => {};
    const applier = new ConfigApplier({
      announce: () => undefined,
      tidy: async () => undefined,
      reconcile: async ({ name }) => {
        if (name === 'slow') {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        }
        return true;
      },
      onApplied: (_config, revision) => applied.push(revision),
      backoff: new Backoff(),
      log: silent,
    });
    applier.offer(edgeConfig({ name: 'slow' }), 'r1');
    await tick();
    applier.offer(edgeConfig({ name: 'fast' }), 'r2');
    release();
    await tick();
    expect(applied).toEqual(['r1', 'r2']);
    expect(applier.revision).toBe('r2');
    await applier.stop();
  });

  it('goes back to the configuration before when the next one could be put in force in part only', async () => {
    const serving: string[] = [];
    let wake = () => {};
    const applier = new ConfigApplier({
      announce: () => undefined,
      tidy: async () => undefined,
      reconcile: async ({ name }) => {
        serving.push(name);
        return name !== 'in part';
      },
      onApplied: () => undefined,
      backoff: new Backoff(),
      log: silent,
      sleep: (_milliseconds, signal) =>
        new Promise((resolve) => {
          wake = resolve;
          signal?.addEventListener('abort', () => resolve());
        }),
    });
    applier.offer(edgeConfig({ name: 'before' }), 'r1');
    await tick();
    applier.offer(edgeConfig({ name: 'in part' }), 'r2');
    await tick();
    expect(applier.revision).toBeNull();
    applier.offer(edgeConfig({ name: 'before' }), 'r1');
    await tick();
    expect(serving).toEqual(['before', 'in part', 'before']);
    expect(applier.revision).toBe('r1');
    wake();
    await applier.stop();
  });

  it('deletes what is no longer named also while the rest cannot be put in force', async () => {
    const tidied: string[] = [];
    const applier = new ConfigApplier({
      announce: () => undefined,
      tidy: async ({ name }) => void tidied.push(name),
      reconcile: async () => {
        throw new Error('one learner cannot be had');
      },
      onApplied: () => undefined,
      backoff: new Backoff(),
      log: silent,
    });
    applier.offer(edgeConfig({ name: 'without ann' }), 'r1');
    await tick();
    expect(tidied).toEqual(['without ann']);
    expect(applier.revision).toBeNull();
    await applier.stop();
  });
});
