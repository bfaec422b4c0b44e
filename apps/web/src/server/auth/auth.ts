import type { Role } from '@saface/core';
import type { PrismaClient } from '@saface/db';
import { credential } from '@saface/db/repositories/users';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { nextCookies } from 'better-auth/next-js';
import type { Redis } from 'ioredis';
import { recordAudit } from '../services/audit-log.ts';
import { countWithin } from './count-within.ts';
import { signInLimit } from './sign-in-limit.ts';

export const MIN_PASSWORD_LENGTH = 12;
const defaultRole: Role = 'viewer';

/**
 * What better-auth offers and the product does not. Most of it would let people change who they are without an entry in the
 * audit log, which tells people by their names.
 */
const disabledPaths = [
  '/update-user',
  '/change-email',
  '/delete-user',
  '/delete-user/callback',
  '/sign-up/email',
  '/sign-in/social',
  '/link-social',
  '/unlink-account',
  '/request-password-reset',
  '/reset-password',
  '/send-verification-email',
  '/verify-email',
  '/update-session',
];

export function createAuth(options: { prisma: PrismaClient; redis: Redis; secret: string; publicUrl: string }) {
  const { prisma, redis, secret, publicUrl } = options;
  return betterAuth({
    appName: 'SaFace',
    baseURL: publicUrl,
    secret,
    trustedOrigins: sameMachine(publicUrl),
    disabledPaths,
    database: prismaAdapter(prisma, { provider: 'postgresql', transaction: true }),
    // Accounts are made by administrators.
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: MIN_PASSWORD_LENGTH },
    user: { additionalFields: { role: { type: 'string', required: true, defaultValue: defaultRole, input: false } } },
    session: { expiresIn: 7 * 24 * 3600, updateAge: 24 * 3600 },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 300,
      customRules: { '/sign-in/email': { window: 60, max: 20 } },
      customStorage: {
        consume: async (name, { window, max }) => {
          const key = `saface:rate:${name}`;
          const count = await countWithin(redis, key, window);
          return count <= max
            ? { allowed: true, retryAfter: null }
            : { allowed: false, retryAfter: await redis.ttl(key) };
        },
      },
    },
    databaseHooks: {
      session: {
        create: {
          after: async (session) => {
            await prisma.$transaction(async (tx) => {
              const user = await tx.user.findFirst({ where: { id: session.userId, accounts: { some: credential } } });
              if (user)
                await recordAudit(tx, user, {
                  action: 'user.sign-in',
                  subjectKind: 'user',
                  subjectId: user.id,
                  data: {},
                });
              // Disabled while the password was being checked.
              else await tx.session.deleteMany({ where: { id: session.id } });
            });
          },
        },
      },
    },
    hooks: signInLimit(redis),
    telemetry: { enabled: false },
    plugins: [nextCookies()],
  });
}
export type Auth = ReturnType<typeof createAuth>;

/** localhost and 127.0.0.1 are one machine to a person, two origins to a browser. */
function sameMachine(publicUrl: string): string[] {
  const { protocol, port, hostname } = new URL(publicUrl);
  const hosts = ['localhost', '127.0.0.1'].includes(hostname) ? ['localhost', '127.0.0.1'] : [hostname];
  return hosts.map((host) => `${protocol}//${host}${port ? `:${port}` : ''}`);
}
