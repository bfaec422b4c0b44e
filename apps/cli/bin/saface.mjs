#!/usr/bin/env node
// The CLI is TypeScript run from source; tsx translates it in memory.
const tsx = await import('tsx/esm/api').catch((error) => {
  process.stderr.write(
    `error: SaFace is not set up here (${error.message})\n  Run \`npm run setup\` in its folder first.\n`,
  );
  process.exit(1);
});
// `npm ci` alone leaves out the database client, which is made from the schema.
await import('../../../prisma/scripts/generate.mjs');
tsx.register();
await import('../src/main.ts');
