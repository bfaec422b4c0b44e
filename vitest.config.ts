import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '**/.next/**', '**/e2e/**'];

// `npm test` runs these at the lowest priority beside the browser's; what hangs is what this is for, not what waits its turn.
const PATIENCE = 600_000;

export default defineConfig({
  test: {
    // Vitest leaves a core to whoever watches; of two cores that is half.
    maxWorkers: availableParallelism(),
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.int.test.ts'],
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
        },
      },
      {
        test: {
          name: 'int',
          include: ['**/*.int.test.ts'],
          exclude: ignored,
          testTimeout: PATIENCE,
          hookTimeout: PATIENCE,
          fileParallelism: false,
        },
      },
    ],
  },
});
