import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NextConfig } from 'next';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

const config: NextConfig = {
  // The workspace packages are TypeScript sources.
  transpilePackages: ['@saface/core', '@saface/db', '@saface/agent-kit'],
  serverExternalPackages: [
    '@prisma/adapter-pg',
    '@prisma/client',
    'better-auth',
    'bullmq',
    'ioredis',
    'pg',
    'pino',
    'prom-client',
    'sharp',
  ],
  turbopack: { root },
  outputFileTracingRoot: root,
  // `npm run typecheck` checks the types, once and for all packages.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  reactStrictMode: true,
  headers: async () => [
    {
      source: '/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'X-Frame-Options', value: 'DENY' },
        { key: 'Referrer-Policy', value: 'same-origin' },
        { key: 'Permissions-Policy', value: 'geolocation=(), microphone=()' },
      ],
    },
  ],
  rewrites: async () => [{ source: '/metrics', destination: '/api/metrics' }],
};

export default config;
