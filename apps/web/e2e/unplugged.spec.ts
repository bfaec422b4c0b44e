import { comesBack } from './comes-back.ts';
import { test } from './fixtures.ts';

// Killed one after another, while both cameras run and the edge trains.
test.describe.configure({ mode: 'serial' });

for (const service of ['camera-entrance', 'redis', 'worker', 'postgres', 'web']) comesBack(service);
