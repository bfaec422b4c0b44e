import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '**/.next/**', '**/e2e/**'];

const shared = {
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Reading the modules anew for each file took as long as the tests. So no test file leaves a module other than it was.
  isolate: false,
};

export default defineConfig({
  test: {
    // Vitest leaves a core to whoever watches; of two cores that is half.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.int.test.ts'],
        },
      },
      {
        test: {
          ...shared,
          name: 'int',
          include: ['**/*.int.test.ts'],
          exclude: ignored,
          globalSetup: ['prisma/scripts/test-server.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
});
