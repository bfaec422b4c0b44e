import { may, type Permission, roles } from '@saface/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { appRouter } from './root.ts';

type Call = (input?: unknown) => Promise<unknown>;
const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { meta?: { permission: Permission } } }>,
);

function callOf(caller: object, path: string): Call {
  let target: unknown = caller;
  for (const part of path.split('.')) target = (target as Record<string, unknown>)[part];
  return target as Call;
}

/** Refused before the input is looked at; anything else (a missing field, a missing row) means the door was open. */
async function isRefused(call: Call): Promise<string | null> {
  try {
    await call({});
    return null;
  } catch (error) {
    const { code } = error as { code: string };
    return code === 'FORBIDDEN' || code === 'UNAUTHORIZED' ? code : null;
  }
}

describe('every procedure', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await createTestServer(process.env);
  });
  afterAll(() => server?.close());

  it('names the permission it needs', () => {
    expect(procedures.length).toBeGreaterThan(50);
    expect(procedures.filter(([, { _def }]) => !_def.meta?.permission).map(([path]) => path)).toEqual([]);
  });

  it('is closed to nobody signed in', async () => {
    for (const [path] of procedures)
      expect(await isRefused(callOf(server.asNobody(), path)), path).toBe('UNAUTHORIZED');
  });

  it.each(roles)('opens to the role %s exactly as core says', async (role) => {
    for (const [path, { _def }] of procedures) {
      const refused = await isRefused(callOf(server.as(role), path));
      expect(refused, path).toBe(may(role, _def.meta!.permission) ? null : 'FORBIDDEN');
    }
  });
});
