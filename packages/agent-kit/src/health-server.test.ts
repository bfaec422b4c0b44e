import { SafaceError } from '@saface/core';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { startHealthServer } from './health-server.ts';
import { exitCodeOf } from './lifecycle.ts';

it('answers health and metrics, and says when its port is taken', async () => {
  let ok = true;
  const options = { host: '127.0.0.1', registry: new Registry(), health: () => ({ ok, state: 'playing' }) };
  const server = await startHealthServer({ ...options, port: 0 });
  const url = `http://127.0.0.1:${server.port}`;
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true, state: 'playing' });
  ok = false;
  expect((await fetch(`${url}/healthz`)).status).toBe(503);
  expect((await fetch(`${url}/metrics`)).headers.get('content-type')).toMatch(/^text\/plain/);
  expect((await fetch(`${url}/secrets`)).status).toBe(404);
  expect((await fetch(`${url}/healthz`, { method: 'DELETE' })).status).toBe(405);
  await expect(startHealthServer({ ...options, port: server.port })).rejects.toThrow(
    /cannot be opened .* Choose|EADDRINUSE/,
  );
  await server.close();
});

it('tells a supervisor whether starting again helps', () => {
  expect(exitCodeOf(new SafaceError('invalid-input', 'm', 'r'))).toBe(2);
  expect(exitCodeOf(new SafaceError('unavailable', 'm', 'r'))).toBe(1);
  expect(exitCodeOf(new Error('defect'))).toBe(1);
});
