import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordAudit } from '../services/audit-log.ts';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { actorOf } from './actor-of.ts';
import { type Auth, createAuth } from './auth.ts';
import { failures } from './failures.ts';

const publicUrl = 'http://localhost:3000';
const password = 'correct horse battery';
const another = 'staple staple staple';

describe('people who sign in', () => {
  let server: TestServer;
  let auth: Auth;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    const { prisma, redis } = server.deps;
    auth = createAuth({ prisma, redis, secret: 'x'.repeat(32), publicUrl });
  });
  afterAll(() => server?.close());

  const post = (path: string, body: object, cookie = '') =>
    auth.handler(
      new Request(`${publicUrl}/api/auth${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: publicUrl, cookie },
        body: JSON.stringify(body),
      }),
    );
  /** The session's cookie; null when signing in was refused. */
  async function signIn(email: string, word: string): Promise<string | null> {
    const answer = await post('/sign-in/email', { email, password: word });
    return answer.ok
      ? answer.headers
          .getSetCookie()
          .map((cookie) => cookie.split(';')[0])
          .join('; ')
      : null;
  }
  const whoIs = (cookie: string) => actorOf(auth, new Headers({ cookie }));
  const users = () => server.as('admin').users;
  const add = (name: string, role: 'viewer' | 'admin' = 'viewer') =>
    users().create({ name, email: `${name}@example.org`, password, role });
  const actionsOn = async (subjectId: string) =>
    (await server.as('auditor').audit.list({ limit: 10, subjectId })).items.map(({ action }) => action).reverse();

  it('are out at once when an administrator disables them, and in again with a new password', async () => {
    const { id } = await add('ada');
    const cookie = await signIn('ada@example.org', password);
    expect(await whoIs(cookie!)).toMatchObject({ id, role: 'viewer' });

    await users().disable({ id });
    expect(await whoIs(cookie!)).toBeNull();
    expect(await signIn('ada@example.org', password)).toBeNull();
    expect((await users().list()).find((user) => user.id === id)).toMatchObject({ disabled: true });

    await users().setPassword({ id, password: another });
    expect(await signIn('ada@example.org', password)).toBeNull();
    expect(await whoIs((await signIn('ada@example.org', another))!)).toMatchObject({ id });
    expect((await users().list()).find((user) => user.id === id)).toMatchObject({ disabled: false });
    expect(await actionsOn(id)).toEqual(['user.create', 'user.sign-in', 'user.disable', 'user.enable', 'user.sign-in']);
  });

  it('are signed out by a new password that an administrator sets', async () => {
    const { id } = await add('ben');
    const cookie = await signIn('ben@example.org', password);
    await users().setPassword({ id, password: another });
    expect(await whoIs(cookie!)).toBeNull();
    expect(await actionsOn(id)).toEqual(['user.create', 'user.sign-in', 'user.set-password']);
    await expect(users().setPassword({ id: 'nobody', password })).rejects.toThrow('no such user');
    await expect(users().setPassword({ id, password: 'short' })).rejects.toThrow('at least 12');
  });

  it('do not slip in while they are disabled', async () => {
    const { id } = await add('carl');
    const { prisma, redis } = server.deps;
    // Disabled after the password was found right, and before the session is there.
    const late = prisma.$extends({
      query: {
        session: {
          async create({ args, query }) {
            await users().disable({ id });
            return query(args);
          },
        },
      },
    });
    auth = createAuth({ prisma: late as unknown as typeof prisma, redis, secret: 'x'.repeat(32), publicUrl });
    const cookie = await signIn('carl@example.org', password);
    auth = createAuth({ prisma, redis, secret: 'x'.repeat(32), publicUrl });
    expect(await whoIs(cookie ?? '')).toBeNull();
    expect(await actionsOn(id)).toEqual(['user.create', 'user.disable']);
  });

  it('always include an administrator, and nobody locks themselves out', async () => {
    const first = await add('first', 'admin');
    await expect(users().disable(first)).rejects.toThrow('last administrator');
    const second = await add('second', 'admin');
    await users().disable(second);
    // One who cannot sign in does not count.
    await expect(users().disable(first)).rejects.toThrow('last administrator');
    await expect(users().setRole({ ...first, role: 'viewer' })).rejects.toThrow('last administrator');
    await users().setRole({ ...second, role: 'viewer' });
    await expect(users().disable({ id: 'user-admin' })).rejects.toThrow('your own account');
    await expect(users().setPassword({ id: 'user-admin', password })).rejects.toThrow('your own account');
  });

  it('cannot take another name, address or way in', async () => {
    const { id } = await add('dora');
    const cookie = (await signIn('dora@example.org', password))!;
    const tries: [string, object][] = [
      ['/update-user', { name: 'first' }],
      ['/update-user/', { name: 'first' }],
      ['/change-email', { newEmail: 'first@example.com' }],
      ['/delete-user', { password }],
      ['/unlink-account', { providerId: 'credential' }],
      ['/sign-up/email', { name: 'x', email: 'x@example.org', password }],
    ];
    for (const [path, body] of tries) expect((await post(path, body, cookie)).status, path).toBe(404);
    expect(await whoIs(cookie)).toMatchObject({ id, name: 'dora', email: 'dora@example.org' });
    const changed = await post('/change-password', { currentPassword: password, newPassword: another }, cookie);
    expect(changed.status).toBe(200);
  });

  it('are not guessed at without end, from however many addresses, and nobody else is kept out', async () => {
    const { redis } = server.deps;
    await add('gita');
    await add('hugo');
    const guess = async (email: string, word: string) => {
      // Each as from an address of its own.
      for (const key of await redis.keys('saface:rate:*sign-in*')) await redis.del(key);
      return (await post('/sign-in/email', { email, password: word })).status;
    };
    for (let i = 0; i < 3; i++) expect(await guess('gita@example.org', 'a wrong guess')).toBe(401);
    expect(await guess('gita@example.org', password)).toBe(200);
    for (let i = 0; i < 20; i++) expect(await guess('Gita@example.org', 'a wrong guess')).toBe(401);
    expect(await guess('gita@example.org', password)).toBe(429);
    expect(await guess('hugo@example.org', password)).toBe(200);
    for (const key of await redis.keys('saface:rate:account:*')) expect(await redis.ttl(key)).toBeGreaterThan(0);
  });

  it('are not locked out for good by a Redis that goes away while it counts', async () => {
    const { prisma, redis } = server.deps;
    await add('ines');
    for (const key of await redis.keys('saface:rate:*')) await redis.del(key);
    const leaving = redis.duplicate();
    leaving.expire = () => Promise.reject(new Error('Connection is closed'));
    auth = createAuth({ prisma, redis: leaving, secret: 'x'.repeat(32), publicUrl });
    // Whatever becomes of the request, a count without an end must not stay.
    await signIn('ines@example.org', 'a wrong guess').catch(() => null);
    await failures(leaving, 'elsewhere', { max: 1, seconds: 60 })
      .count()
      .catch(() => undefined);
    auth = createAuth({ prisma, redis, secret: 'x'.repeat(32), publicUrl });
    leaving.disconnect();
    const keys = await redis.keys('saface:rate:*');
    expect(keys).toHaveLength(3);
    for (const key of keys) expect([key, (await redis.ttl(key)) > 0]).toEqual([key, true]);
  });

  it('are told apart in the audit log when they share a name', async () => {
    const record = { action: 'test', subjectKind: 'test', subjectId: 'namesakes', data: {} };
    for (const id of ['one', 'two', null])
      await server.deps.prisma.$transaction((tx) => recordAudit(tx, { id, name: 'Same Name' }, record));
    const { items } = await server.as('auditor').audit.list({ limit: 10, subjectId: 'namesakes' });
    expect(items.map(({ actor, actorId }) => [actor, actorId])).toEqual([
      ['Same Name', null],
      ['Same Name', 'two'],
      ['Same Name', 'one'],
    ]);
  });
});
