/** The doors of ARCHITECTURE.md, as errors. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { path: '^(apps|packages|prisma)/', pathNot: [from, ...allowed] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: { pathNot: 'generated' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-imports-zod-and-ml-matrix-only',
      severity: 'error',
      from: { path: '^packages/core/src', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^packages/core/src', 'node_modules/(zod|ml-matrix)/'] },
    },
    only('agent-kit-imports-core', '^packages/agent-kit/', ['^packages/core/']),
    only('engine-imports-core', '^packages/engine/', ['^packages/core/']),
    only('media-imports-core', '^packages/media/', ['^packages/core/']),
    only('simulator-imports-core-and-media', '^packages/simulator/', ['^packages/(core|media)/']),
    only('db-imports-core-and-sealed-files', '^prisma/', ['^packages/(core|agent-kit)/']),
    only('camera-agent-has-no-database', '^apps/camera-agent/', ['^packages/(core|engine|media|simulator|agent-kit)/']),
    only('edge-agent-has-no-database', '^apps/edge-agent/', ['^packages/(core|engine|agent-kit)/']),
    only('web-serves-without-the-engine', '^apps/web/src/(app|features|components|lib|server/(api|services|auth))', [
      '^apps/web/',
      '^packages/(core|agent-kit)/',
      '^prisma/',
    ]),
    {
      name: 'engine-knows-no-database-and-no-queue',
      severity: 'error',
      from: { path: '^packages/engine/' },
      to: { path: 'node_modules/(@prisma|prisma|bullmq|ioredis)' },
    },
    {
      name: 'features-through-their-index',
      severity: 'error',
      from: { path: '^apps/web/src/features/([^/]+)/' },
      to: {
        path: '^apps/web/src/features/([^/]+)/',
        pathNot: ['^apps/web/src/features/$1/', '^apps/web/src/features/[^/]+/index\\.ts$'],
      },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: ['^@tensorflow/tfjs-node(-gpu)?$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(\\.next|generated|node_modules/\\.cache)/|/e2e/|next-env' },
    tsPreCompilationDeps: true,
    // The base with the path alias of apps/web.
    tsConfig: { fileName: 'tsconfig.doors.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
    },
  },
};
