import type { Role } from '@saface/core';
import type { PrismaClient } from '@saface/db';
import { betterAuth } from 'better-auth';
import { prismaAdapter } from 'better-auth/adapters/prisma';
import { nextCookies } from 'better-auth/next-js';
import type { Redis } from 'ioredis';
import { recordAudit } from '../services/audit-log.ts';

export const MIN_PASSWORD_LENGTH = 12;
const defaultRole: Role = 'viewer';

export function createAuth(options: { prisma: PrismaClient; redis: Redis; secret: string; publicUrl: string }) {
  const { prisma, redis, secret, publicUrl } = options;
  return betterAuth({
    appName: 'SaFace',
    baseURL: publicUrl,
    secret,
    trustedOrigins: sameMachine(publicUrl),
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
          const count = await redis.incr(key);
          if (count === 1) await redis.expire(key, window);
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
            const user = await prisma.user.findUnique({ where: { id: session.userId } });
            if (user)
              await prisma.$transaction((tx) =>
                recordAudit(tx, user, { action: 'user.sign-in', subjectKind: 'user', subjectId: user.id, data: {} }),
              );
          },
        },
      },
    },
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
